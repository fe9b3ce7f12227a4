// The command palette: a box to type in and a list below it (the combobox pattern of the ARIA practices). Loaded when it is opened.
import { make } from '../make.js';
import { word } from '../words.js';
import { entriesOf } from './entries.js';
import { ranked } from './match.js';

const PAGE = 8;

export class Palette {
  constructor(app, dialog) {
    this.app = app;
    this.dialog = dialog;
    this.input = dialog.querySelector('input');
    this.list = dialog.querySelector('[role=listbox]');
    this.count = dialog.querySelector('[role=status]');
    this.input.addEventListener('input', () => this.find());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.list.addEventListener('click', ({ target }) => this.take(this.items.indexOf(target.closest('[role=option]'))));
    dialog.addEventListener('close', () => {
      this.input.value = '';
    });
    // The list never has the focus: letters go on into the box.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
  }

  open() {
    this.entries = entriesOf(this.app);
    this.find();
  }

  find() {
    this.found = ranked(this.input.value, this.entries);
    this.items = this.found.map(({ name, group, keys }, i) => make('li', { role: 'option', id: `palette-${i}`, 'aria-selected': 'false' }, [
      make('span', { class: 'palette-name', text: name }), make('span', { class: 'palette-group', text: group }), ...(keys ? [make('kbd', { text: keys })] : []),
    ]));
    this.list.replaceChildren(...this.items);
    const { length } = this.found;
    this.count.textContent = length === 1 ? word('palette.one') : word(length ? 'palette.count' : 'palette.none', { count: length });
    this.count.classList.toggle('visually-hidden', length > 0);
    this.at = -1;
    this.choose(0);
  }

  choose(at) {
    this.items[this.at]?.setAttribute('aria-selected', 'false');
    this.at = this.items.length ? Math.max(0, Math.min(this.items.length - 1, at)) : -1;
    const item = this.items[this.at];
    item?.setAttribute('aria-selected', 'true');
    item?.scrollIntoView({ block: 'nearest' });
    if (item) this.input.setAttribute('aria-activedescendant', item.id);
    else this.input.removeAttribute('aria-activedescendant');
  }

  key(event) {
    if (event.isComposing) return;
    const { length } = this.items;
    const to = { ArrowDown: (this.at + 1) % length, ArrowUp: (this.at - 1 + length) % length, PageDown: this.at + PAGE, PageUp: this.at - PAGE }[event.key];
    if (to !== undefined && length) this.choose(to);
    else if (event.key === 'Enter') this.take(this.at);
    else return;
    event.preventDefault();
  }

  take(at) {
    const entry = this.found[at];
    if (!entry) return;
    this.dialog.close();
    // Whoever chose a tool by keys goes on with keys, on the picture.
    if (entry.command.startsWith('tool.')) this.app.parts.stage.focus({ preventScroll: true });
    entry.run();
  }
}
