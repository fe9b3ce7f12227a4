// The dialog with all keys, from the table that also does what they say. Loaded when it is first opened.
import { KEYS, textOf } from '../keymap.js';
import { make } from '../make.js';
import { word } from '../words.js';

export class Shortcuts {
  constructor(app, dialog) {
    this.dialog = dialog;
    const sections = KEYS.map(({ group, keys }) => make('section', {}, [
      make('h3', { text: word(`keys.${group}`) }),
      make('dl', {}, keys.filter((entry) => !entry.hidden).map((entry) => make('div', {}, [
        make('dt', { text: word(entry.command) }),
        make('dd', {}, [make('kbd', { text: entry.command === 'opacity.digit' ? '1 … 0' : textOf(entry, app.mac) })]),
      ]))),
    ]));
    dialog.querySelector('[data-part=keys]').replaceChildren(...sections, make('p', { class: 'panel-help', text: word('keys.crosshair') }));
  }

  open() {
    this.dialog.showModal();
  }
}
