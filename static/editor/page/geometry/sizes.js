// The dialogs for the size of the image and of the canvas.
import { make } from '../make.js';
import { say } from '../say.js';
import { word } from '../words.js';
import { check, choiceOf } from './controls.js';

const MOST = 8192;
const METHODS = ['lanczos', 'bilinear', 'nearest'];
const PLACES = ['start', 'middle', 'end'];

export class Sizes {
  constructor(app) {
    this.app = app;
    this.dialog = document.getElementById('editor-size');
    this.form = this.dialog.querySelector('form');
    this.method = 'lanczos';
    this.locked = true;
    this.redraw = true;
    this.form.addEventListener('submit', () => this.act());
  }

  open(title, elements, act) {
    this.act = act;
    this.dialog.querySelector('[data-part=title]').textContent = word(title).replace('…', '');
    this.dialog.querySelector('[data-part=fields]').replaceChildren(...elements);
    this.dialog.showModal();
    this.dialog.querySelector('input').select();
  }

  number(name, value, change) {
    const input = make('input', { class: 'input', type: 'number', name, min: 1, max: MOST, step: 1, required: true, value, on: { input: () => change?.(Number(input.value)) } });
    return { input, field: make('label', { class: 'field' }, [make('span', { class: 'field-label', text: word(`number.${name}`) }), input]) };
  }

  image() {
    const { app } = this;
    const { width, height } = app.state;
    const follow = (other, size, before, value) => {
      if (this.locked && value) other.input.value = Math.min(MOST, Math.max(1, Math.round((value * size) / before)));
    };
    const wide = this.number('width', width, (value) => follow(tall, height, width, value));
    const tall = this.number('height', height, (value) => follow(wide, width, height, value));
    const lock = check(word('resize.lock'), this.locked, (on) => {
      this.locked = on;
      if (on) follow(tall, height, width, Number(wide.input.value));
    });
    const method = choiceOf('size-method', word('resize.method'), METHODS.map((name) => [name, word(`method.${name}`)]), this.method, (value) => {
      this.method = value;
    });
    const redraw = check(word('resize.redraw'), this.redraw, (on) => {
      this.redraw = on;
    });
    this.open('image.size', [make('div', { class: 'geometry-numbers' }, [wide.field, tall.field]), lock, method, redraw, make('p', { class: 'muted', text: word('resize.help') })], async () => {
      const [w, h] = [Number(wide.input.value), Number(tall.input.value)];
      if (w === width && h === height) return;
      const body = { width: w, height: h, method: this.method };
      app.status(word('working'));
      await app.settle(['resize']);
      const drawn = this.redraw && w > width && h > height ? await app.link.ask('branch', { act: 'redrawn', body }).catch(() => null) : null;
      if (drawn === null) await app.do('resize', body);
      app.status('');
      say(word(drawn ? 'resize.redrawn' : 'resize.done', { width: w, height: h, count: drawn }));
    });
  }

  canvas() {
    const { app } = this;
    const { width, height } = app.state;
    const [wide, tall] = [this.number('width', width), this.number('height', height)];
    const anchors = PLACES.flatMap((y) => PLACES.map((x) => make('label', { title: word(`anchor.${y}.${x}`) }, [
      make('input', { type: 'radio', name: 'anchor', value: `${x} ${y}`, checked: x === 'middle' && y === 'middle', 'aria-label': word(`anchor.${y}.${x}`) }),
    ])));
    const anchor = make('fieldset', { class: 'field geometry-anchor' }, [make('legend', { class: 'field-label', text: word('canvas.anchor') }), ...anchors]);
    this.open('canvas.size', [make('div', { class: 'geometry-numbers' }, [wide.field, tall.field]), anchor, make('p', { class: 'muted', text: word('canvas.help') })], async () => {
      const [w, h] = [Number(wide.input.value), Number(tall.input.value)];
      const [x, y] = new FormData(this.form).get('anchor').split(' ');
      const shift = (room, at) => ({ start: 0, middle: Math.floor(room / 2), end: room })[at];
      if (w === width && h === height) return;
      if (await app.do('canvas', { width: w, height: h, dx: shift(w - width, x), dy: shift(h - height, y), keep: true })) say(word('resize.done', { width: w, height: h }));
    });
  }
}
