// Every gesture as a form: where it begins and where it ends, in pixels. It does with a tool what a hand would do.
import { make } from './make.js';
import { word } from './words.js';

const POINT = ['x', 'y'];
const SPAN = ['x', 'y', 'x2', 'y2'];
const SOURCE = ['sx', 'sy', ...SPAN];
const FIELDS = {
  move: ['dx', 'dy'], rectangle: SPAN, ellipse: SPAN, gradient: SPAN, text: SPAN, brush: SPAN, eraser: SPAN, wand: POINT, object: POINT, colour: POINT, fill: POINT, pick: POINT,
  clone: SOURCE, healing: SOURCE, spot: SPAN, dodge: SPAN, burn: SPAN, smudge: SPAN, liquify: SPAN, redeye: POINT,
  quick: ['points'], lasso: ['points'], polygon: ['points'], heal: ['points'],
};

export class Numbers {
  constructor(app, dialog) {
    this.app = app;
    this.dialog = dialog;
    this.form = dialog.querySelector('form');
    this.form.addEventListener('submit', () => this.draw());
  }

  open() {
    const { app, form } = this;
    const fields = FIELDS[app.tool.name];
    if (!fields) return;
    this.dialog.querySelector('[data-part=title]').textContent = word(`tool.${app.tool.name}`);
    form.querySelector('[data-part=fields]').replaceChildren(...fields.map((name) => {
      const many = name === 'points';
      const input = make(many ? 'textarea' : 'input', {
        class: 'input', name, required: true, ...(many ? { rows: 4, placeholder: '10, 10\n200, 10\n100, 150' } : { type: 'number', step: 'any', value: first(app, name) }),
      });
      return make('label', { class: 'field' }, [make('span', { class: 'field-label', text: word(`number.${name}`) }), input]);
    }));
    this.dialog.showModal();
    form.querySelector('input, textarea')?.focus();
  }

  draw() {
    const { app, form } = this;
    const values = Object.fromEntries(new FormData(form));
    const at = (x, y) => {
      const point = { x: Number(x), y: Number(y), pressure: 1, typed: true };
      const { x: px, y: py } = app.view.toScreen(point.x, point.y);
      return { ...point, px, py };
    };
    const { tool } = app;
    if (!app.mayUse(tool)) return;
    if ('sx' in values) tool.mark(app, at(values.sx, values.sy));
    const points = pointsOf(values).map(([x, y]) => at(x, y));
    if (tool.name === 'polygon') {
      for (const point of points) tool.down(app, point);
      tool.finish(app);
      return;
    }
    tool.down(app, points[0]);
    if (points.length > 1) tool.move(app, points.slice(1));
    tool.up(app);
  }
}

function first(app, name) {
  return { x2: app.state.width, y2: app.state.height }[name] ?? 0;
}

/** The points that a filled-in form means. */
export function pointsOf({ x, y, x2, y2, dx, dy, points }) {
  if (points !== undefined) {
    const numbers = points.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
    return Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
  }
  if (dx !== undefined) return [[0, 0], [Number(dx), Number(dy)]];
  return x2 === undefined ? [[Number(x), Number(y)]] : [[Number(x), Number(y)], [Number(x2), Number(y2)]];
}
