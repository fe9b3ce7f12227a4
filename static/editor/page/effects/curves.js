// Curves: points that are dragged, or moved by keys and numbers, for all channels or one.
import { CHANNELS, MOST_POINTS } from '../../worker/kinds.js';
import { make } from '../make.js';
import { say } from '../say.js';
import { word } from '../words.js';
import { choiceOf } from './fields.js';
import { counts, drawHistogram } from './histogram.js';

const STRAIGHT = [[0, 0], [255, 255]];
const NEAR = 12; // values around a point in which a press takes it
const PAD = 16; // of the canvas around the values, so that points in its corners are whole; effects.css insets the histogram as much

export class Curves {
  constructor(panel) {
    this.panel = panel;
    this.channel = 'all';
    this.adjust = {};
    this.chosen = 0; // which point keys and numbers move
    this.back = make('canvas', { class: 'effect-histogram', width: 256, height: 256, 'aria-hidden': 'true' });
    this.canvas = make('canvas', { class: 'effect-curve', width: 512, height: 512, tabindex: 0, role: 'application', 'aria-label': word('effect.curve'), 'aria-describedby': 'effect-curve-help' });
    this.canvas.addEventListener('pointerdown', (event) => this.down(event));
    this.canvas.addEventListener('pointermove', (event) => this.move(event));
    for (const type of ['pointerup', 'pointercancel']) this.canvas.addEventListener(type, () => this.up());
    this.canvas.addEventListener('dblclick', () => this.remove());
    this.canvas.addEventListener('keydown', (event) => this.key(event));
    this.numbers = ['in', 'out'].map((name, i) => make('input', {
      type: 'number', class: 'input', id: `effect-${name}`, min: 0, max: 255, step: 1, on: { change: (event) => this.type(i, event.target) },
    }));
    const choice = choiceOf('effect-channel', word('effect.channel'), CHANNELS.map((each) => [each, word(`channel.${each}`)]), 'all', (value) => {
      this.channel = value;
      this.chosen = 0;
      this.take(this.adjust);
      this.drawBack();
    });
    const fields = make('div', { class: 'effect-point' }, ['in', 'out'].flatMap((name, i) => [make('label', { for: `effect-${name}`, text: word(`effect.${name}`) }), this.numbers[i]]));
    const help = make('p', { class: 'panel-help', id: 'effect-curve-help', text: word('effect.curve.help') });
    this.elements = [choice, make('div', { class: 'effect-curves' }, [this.back, this.canvas]), fields, help];
    this.actions = [make('button', { type: 'button', class: 'button button-small', text: word('effect.remove'), on: { click: () => this.remove() } })];
    this.neutral = Object.fromEntries(CHANNELS.map((each) => [each, STRAIGHT]));
    counts(panel.app, panel.layer).then((found) => {
      this.counts = found;
      this.drawBack();
    });
  }

  get points() {
    return this.panel.values[this.channel] ?? STRAIGHT;
  }

  take(adjust) {
    this.adjust = adjust;
    this.chosen = Math.min(this.chosen, this.points.length - 1);
    this.draw();
  }

  // --- changing -----------------------------------------------------------------------------------------------------

  show(points, set = false) {
    const values = { [this.channel]: points };
    if (set) this.panel.set(values);
    else this.panel.preview(values);
    this.draw();
  }

  /** The points with the chosen one elsewhere, between its neighbours. */
  moved(x, y) {
    const points = this.points.map((point) => [...point]);
    const low = this.chosen ? points[this.chosen - 1][0] + 1 : 0;
    const high = this.chosen < points.length - 1 ? points[this.chosen + 1][0] - 1 : 255;
    points[this.chosen] = [clamp(x, low, high), clamp(y, 0, 255)];
    return points;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.canvas;
    const part = (at, side) => ((at * side - PAD) / (side - 2 * PAD)) * 255;
    return [part((event.clientX - box.left) / box.width, width), part(1 - (event.clientY - box.top) / box.height, height)];
  }

  down(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    const near = this.points.findIndex((point) => Math.hypot(point[0] - x, point[1] - y) < NEAR);
    if (near >= 0) this.chosen = near;
    else if (!this.add(x, y)) return;
    this.dragged = true;
    this.draw();
  }

  add(x, y) {
    const { points } = this;
    const index = points.findIndex((point) => point[0] >= x);
    const to = index < 0 ? points.length : index;
    if (points.length >= MOST_POINTS || points.some((point) => Math.round(x) === point[0])) return false;
    this.chosen = to;
    this.show(points.toSpliced(to, 0, [clamp(x, 0, 255), clamp(y, 0, 255)]));
    return true;
  }

  move(event) {
    if (this.dragged) this.show(this.moved(...this.at(event)));
  }

  up() {
    if (!this.dragged) return;
    this.dragged = false;
    this.show(this.points, true);
  }

  remove() {
    const { points, chosen } = this;
    if (points.length <= 2) return;
    this.chosen = Math.max(0, chosen - 1);
    this.show(points.toSpliced(chosen, 1), true);
  }

  type(index, input) {
    const point = [...this.points[this.chosen]];
    point[index] = Math.round(Number(input.value)) || 0;
    this.show(this.moved(...point), true);
  }

  /** Arrows move the point, Page Up and Page Down choose one, Insert adds one behind it, Delete removes it. */
  key(event) {
    const by = event.shiftKey ? 10 : 1;
    const [x, y] = this.points[this.chosen];
    const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key];
    const next = { PageUp: 1, PageDown: -1 }[event.key];
    if (way) this.show(this.moved(x + way[0], y + way[1]), true);
    else if (next) this.chosen = clamp(this.chosen + next, 0, this.points.length - 1);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.remove();
    else if (event.key === 'Insert' || event.key === '+') this.addBehind();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.draw();
    const [px, py] = this.points[this.chosen];
    say(word('effect.point', { x: px, y: py }));
  }

  addBehind() {
    const { points } = this;
    const from = Math.min(this.chosen, points.length - 2);
    const [a, b] = [points[from], points[from + 1]];
    this.add((a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
    this.show(this.points, true);
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  drawBack() {
    if (this.counts) drawHistogram(this.back, this.counts, this.channel);
  }

  draw() {
    const { canvas, points } = this;
    const context = canvas.getContext('2d');
    const style = getComputedStyle(canvas);
    const [w, h] = [canvas.width - 2 * PAD, canvas.height - 2 * PAD];
    const px = ([x, y]) => [PAD + (x / 255) * w, PAD + (1 - y / 255) * h];
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.lineWidth = 1;
    context.strokeStyle = style.textDecorationColor; // these properties hold colours for here: a custom one would come unresolved
    context.beginPath();
    for (const part of [0.25, 0.5, 0.75]) {
      context.moveTo(PAD + part * w, PAD);
      context.lineTo(PAD + part * w, PAD + h);
      context.moveTo(PAD, PAD + part * h);
      context.lineTo(PAD + w, PAD + part * h);
    }
    context.stroke();
    context.lineWidth = 4;
    context.strokeStyle = style.color;
    context.beginPath();
    for (let v = 0; v < 256; v++) context.lineTo(...px([v, valueOf(points, v)]));
    context.stroke();
    points.forEach((point, i) => {
      context.beginPath();
      context.arc(...px(point), 10, 0, 7);
      context.fillStyle = i === this.chosen ? style.caretColor : style.columnRuleColor;
      context.fill();
      context.stroke();
    });
    this.numbers.forEach((input, i) => {
      if (document.activeElement !== input) input.value = points[this.chosen][i];
    });
  }
}

const clamp = (v, low, high) => Math.min(high, Math.max(low, Math.round(v)));

/** The curve as the kernels have it, to look at. */
function valueOf(points, v) {
  const way = points.slice(1).map(([x, y], i) => (y - points[i][1]) / (x - points[i][0]));
  const slope = (k) => {
    if (k === 0 || k === points.length - 1) return way[Math.min(k, way.length - 1)];
    const [a, b] = [way[k - 1], way[k]];
    return a * b > 0 ? (2 * a * b) / (a + b) : 0;
  };
  const last = points.findLastIndex(([x]) => x <= v);
  const k = Math.max(0, Math.min(last, points.length - 2));
  const [[x0, y0], [x1, y1]] = [points[k], points[k + 1]];
  const h = x1 - x0;
  const s = Math.min(1, Math.max(0, (v - x0) / h));
  const y = y0 * (2 * s ** 3 - 3 * s ** 2 + 1) + y1 * (3 * s ** 2 - 2 * s ** 3) + h * (slope(k) * (s ** 3 - 2 * s ** 2 + s) + slope(k + 1) * (s ** 3 - s ** 2));
  return Math.min(255, Math.max(0, y));
}
