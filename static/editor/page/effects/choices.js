// The lists from which an adjustment, a look or a filter is added, with small pictures of the document under each.
import { make } from '../make.js';
import { word } from '../words.js';
import { FILTERS } from '../../worker/kinds.js';
import { LOOKS, SAMPLES } from './samples.js';

const SIDE = 96;

export class Choices {
  constructor(panel) {
    this.panel = panel;
    this.app = panel.app;
  }

  async adjustments() {
    const dialog = document.getElementById('editor-adjust');
    const { panel } = this;
    const adjustments = Object.entries(SAMPLES).map(([kind, sample]) => this.choice(dialog, word(`adjust.${kind}`), [sample], () => panel.add(kind)));
    const looks = Object.entries(LOOKS).map(([name, parts]) => this.choice(dialog, word(`look.${name}`), parts, () => panel.addLook(word(`look.${name}`), parts)));
    dialog.querySelector('[data-part=adjustments]').replaceChildren(...adjustments.map(({ button }) => button));
    dialog.querySelector('[data-part=looks]').replaceChildren(...looks.map(({ button }) => button));
    dialog.showModal();
    const all = [...adjustments, ...looks];
    const pictures = await this.app.link.ask('looks', { looks: all.map(({ parts }) => parts), side: SIDE }).catch(() => []);
    pictures.forEach(({ width, height, data }, i) => {
      const { canvas } = all[i];
      Object.assign(canvas, { width, height });
      canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
    });
  }

  filters() {
    const dialog = document.getElementById('editor-filter');
    dialog.querySelector('[data-part=filters]').replaceChildren(...Object.keys(FILTERS).map((kind) => this.item(dialog, `filter.${kind}`, () => this.panel.begin(kind))));
    dialog.showModal();
  }

  choice(dialog, name, parts, act) {
    const canvas = make('canvas', { class: 'effect-picture', width: SIDE, height: SIDE, 'aria-hidden': 'true' });
    const button = make('button', { type: 'button', class: 'effect-choice', on: { click: () => this.take(dialog, act) } }, [canvas, make('span', { text: name })]);
    return { button, canvas, parts };
  }

  item(dialog, key, act) {
    return make('button', { type: 'button', class: 'effect-item', on: { click: () => this.take(dialog, act) } }, [
      make('span', { class: 'effect-name', text: word(key) }), make('span', { class: 'muted', text: word(`${key}.help`) }),
    ]);
  }

  take(dialog, act) {
    dialog.close();
    act();
  }
}
