// Every gesture as a form: where it begins and where it ends, in pixels. It does with a tool what a hand would do.
import { make } from './make.js';
import { OPTIONS } from './options.js';
import { say } from './say.js';
import { word } from './words.js';

const POINT = ['x', 'y'];
const SPAN = ['x', 'y', 'x2', 'y2'];
const WAY = [...SPAN, 'more'];
const SOURCE = ['sx', 'sy', ...WAY];
const POINTS = ['points'];
export const FIELDS = {
  move: ['dx', 'dy'], rectangle: SPAN, ellipse: SPAN, gradient: SPAN, text: SPAN, brush: WAY, eraser: WAY, wand: POINT, object: POINT, colour: POINT, fill: POINT, pick: POINT,
  clone: SOURCE, healing: SOURCE, spot: WAY, dodge: WAY, burn: WAY, smudge: WAY, liquify: WAY, redeye: ['x', 'y', 'width', 'height', 'tolerance', 'darkness'],
  quick: POINTS, lasso: POINTS, polygon: POINTS, heal: POINTS, 'generate.fill': POINTS, 'generate.replace': POINTS, 'generate.erase': POINTS,
  hand: ['cx', 'cy'], zoom: ['scale', 'cx', 'cy'],
};
// Where the tool's own numbers are, in its panel.
const OWN = ['.geometry-numbers input', '#shape-nodes', '.generate-numbers input', '.generate textarea'];

export class Numbers {
  constructor(app, dialog) {
    this.app = app;
    this.dialog = dialog;
    this.form = dialog.querySelector('form');
    this.form.addEventListener('submit', () => this.draw());
  }

  /** Asks for what the tool in hand does; or, for a command that has a radius, for that. */
  open(command, work) {
    if (command) this.askRadius(command, work);
    else this.askPlaces();
  }

  askRadius(command, work) {
    const dialog = document.getElementById('editor-radius');
    const input = dialog.querySelector('input');
    dialog.querySelector('[data-part=title]').textContent = word(command);
    dialog.querySelector('form').onsubmit = () => work(Math.round(Number(input.value)));
    dialog.showModal();
    input.select();
  }

  askPlaces() {
    const { app, form } = this;
    const fields = FIELDS[app.tool.name];
    if (!fields) {
      this.focusOwn();
      return;
    }
    this.dialog.querySelector('[data-part=title]').textContent = word(`tool.${app.tool.name}`);
    form.querySelector('[data-part=fields]').replaceChildren(...fields.map((name) => {
      const many = name === 'points' || name === 'more';
      const input = make(many ? 'textarea' : 'input', {
        class: 'input', name, required: name !== 'more', ...(many ? { rows: 4, placeholder: '10, 10\n200, 10\n100, 150' } : { type: 'number', ...boundsOf(app, name), value: first(app, name) }),
      });
      return make('label', { class: 'field' }, [make('span', { class: 'field-label', text: word(`${isOption(app, name) ? 'option' : 'number'}.${name}`) }), input]);
    }));
    this.dialog.showModal();
    form.querySelector('input, textarea')?.focus();
  }

  focusOwn() {
    const field = OWN.map((selector) => this.app.parts.properties.querySelector(selector)).find(Boolean);
    field?.closest('details')?.toggleAttribute('open', true);
    field?.focus();
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
    if (tool.screen) {
      this.look(values);
      return;
    }
    if (!app.mayUse(tool)) return;
    for (const [name, value] of Object.entries(values)) if (isOption(app, name)) app.options.set(tool.name, name, Number(value));
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

  /** Hand and zoom: what is in the middle of the window, and how large. */
  look({ scale, cx, cy }) {
    const { app } = this;
    if (scale !== undefined) app.view.zoomTo(Number(scale) / 100);
    app.view.centre({ x: Number(cx), y: Number(cy) });
    app.look();
    say(`${app.parts.zoom.textContent}, ${word('at', { x: cx, y: cy })}`);
  }
}

/** Whether a field is one of the tool's own settings, which stay as they are typed. */
const isOption = ({ options, tool }, name) => options.has(tool.name, name);

function boundsOf(app, name) {
  if (['width', 'height'].includes(name)) return { step: 'any', min: 1, max: 2048 };
  const { min, max } = (isOption(app, name) && OPTIONS[app.tool.name].find((option) => option.name === name)) || {};
  return min === undefined ? { step: 'any' } : { step: 1, min, max };
}

function first(app, name) {
  const { state, view, options, tool } = app;
  if (isOption(app, name)) return options.get(tool.name, name);
  if (['width', 'height'].includes(name)) return options.get(tool.name, 'size');
  if (['scale', 'cx', 'cy'].includes(name)) {
    const { x, y } = view.toPicture(view.width / 2, view.height / 2);
    return Math.round({ scale: view.scale * 100, cx: x, cy: y }[name]);
  }
  return { x2: state.width, y2: state.height }[name] ?? 0;
}

const pairsOf = (text) => {
  const numbers = text.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
};

/** The points that a filled-in form means. */
export function pointsOf({ x, y, x2, y2, dx, dy, width, height, points, more = '' }) {
  if (points !== undefined) return pairsOf(points);
  if (dx !== undefined) return [[0, 0], [Number(dx), Number(dy)]];
  if (width !== undefined) return [-1, 1].map((side) => [Number(x) + (side * width) / 2, Number(y) + (side * height) / 2]);
  if (x2 === undefined) return [[Number(x), Number(y)]];
  return [[Number(x), Number(y)], [Number(x2), Number(y2)], ...pairsOf(more)];
}
