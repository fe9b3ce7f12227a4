// The dotted box over the picture: what the model sees, to be dragged by its edges and handles or moved by keys. "Extend" has two:
// the frame that the picture grows to, and what the model sees of both. Handles and keys are those of the one in hand; the
// other one is taken by its edge, or by a key. A drag elsewhere selects.
import { say } from '../say.js';
import { word } from '../words.js';
import { cursorOf, dragged, grip, handles, moved, rounded, same, sizeOf } from './box.js';

const DOT = 2; // pixels of the page
const HANDLE = 7;
const FAR = 10;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST = 16; // pixels a side

export class Frame {
  constructor(generation) {
    this.generation = generation;
    this.app = generation.app;
    this.drag = null; // { taken, from, box }
    this.inner = false; // of the two boxes of "extend", whether the one that the model sees is in hand
    this.selector = 'lasso';
    this.selecting = null; // the tool that makes a selection in this gesture
    this.coarse = matchMedia('(pointer: coarse)');
  }

  /** A tool was chosen: a picture that fits leaves room around it where it is to be extended. */
  begin() {
    const { app, generation } = this;
    if (generation.tool !== 'extend' || !app.view.fitted) return;
    app.view.zoomTo(app.view.scale * 0.7);
    app.look();
  }

  /** The box in hand, in the picture's pixels, or null. */
  get box() {
    const { generation } = this;
    if (generation.tool === 'extend') return this.isInner ? this.seenOfExtended : this.grownTo;
    if (!generation.bySelection || generation.local || !this.app.state.selected) return null;
    return generation.mine.box ?? generation.seen;
  }

  /** The box that is shown but not in hand, or null. */
  get other() {
    if (this.generation.tool !== 'extend') return null;
    return this.isInner ? this.grownTo : this.seenOfExtended;
  }

  get isInner() {
    return this.inner && this.generation.tool === 'extend' && Boolean(this.seenOfExtended);
  }

  /** Whether the box in hand only grows and shrinks: the picture stays inside of it. */
  get isFixed() {
    return this.generation.tool === 'extend' && !this.isInner;
  }

  /** The frame that the picture grows to. */
  get grownTo() {
    const [left, top, right, bottom] = this.generation.mine.sides ?? [0, 0, 0, 0];
    const { width, height } = this.app.state;
    return [-left, -top, width + right, height + bottom];
  }

  /** What the model sees of a picture that grows; orders say it in the pixels of the larger canvas. */
  get seenOfExtended() {
    const { canvas, mine, seen } = this.generation;
    const box = canvas && (mine.seen ?? seen);
    return box && [box[0] - canvas.dx, box[1] - canvas.dy, box[2] - canvas.dx, box[3] - canvas.dy];
  }

  /** Takes the box in hand as it is dragged. */
  put(box) {
    const { generation, app } = this;
    generation.turn += 1; // a price that is on its way is that of another box
    const [x0, y0, x1, y1] = rounded(box);
    if (this.isFixed) this.grow([x0, y0, x1, y1]);
    else if (this.isInner) {
      const { dx, dy } = generation.canvas;
      generation.mine.seen = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
    } else generation.mine.box = [x0, y0, x1, y1];
    const { width, height } = sizeOf(this.box);
    app.status(`${width} × ${height}`);
    app.overlay.frame();
  }

  /** Takes the frame that the picture grows to. */
  grow([x0, y0, x1, y1]) {
    const { mine, options } = this.generation;
    const { width, height } = this.app.state;
    const most = options?.most_side ?? 8192;
    const room = (a, b, size) => Math.max(0, Math.min(a, most - size - Math.max(0, b)));
    const [wasLeft, wasTop] = mine.sides ?? [0, 0];
    const [left, top] = [room(-x0, x1 - width, width), room(-y0, y1 - height, height)];
    mine.sides = [left, top, room(x1 - width, left, width), room(y1 - height, top, height)];
    this.generation.seen = null; // what is proposed for another frame
    // A box that the person chose stays where it is in the picture.
    if (mine.seen) mine.seen = moved(mine.seen, left - wasLeft, top - wasTop);
  }

  /** Takes the other one of two boxes into the hand; returns whether there are two. */
  swap() {
    if (!this.other) return false;
    this.inner = !this.isInner;
    this.app.overlay.frame();
    return true;
  }

  onScreen([x0, y0, x1, y1]) {
    const { view } = this.app;
    const [a, b] = [view.toScreen(x0, y0), view.toScreen(x1, y1)];
    return [a.x, a.y, b.x, b.y];
  }

  gripAt({ px, py }, box = this.box) {
    return box && grip(this.onScreen(box), { x: px, y: py }, (this.coarse.matches ? 20 : 8) * this.app.ratio);
  }

  // --- gestures -------------------------------------------------------------------------------------------------

  down(app, point, keys = {}) {
    if (!point.typed && !this.gripAt(point) && this.gripAt(point, this.other)) this.swap();
    const taken = point.typed ? null : this.gripAt(point);
    if (taken) {
      this.drag = { taken: this.isFixed && taken === 'move' ? this.nearest(point) : taken, from: point, box: this.box };
      return;
    }
    if (!point.typed && this.isInner) this.swap(); // a press elsewhere lets go of it
    this.selecting = this.generation.maySelect ? app.tools.get(this.selector) : null;
    this.selecting?.down(app, point, keys);
  }

  /** The side of the frame that a point on its edge is nearest to: the frame of an extension isn't moved. */
  nearest({ px, py }) {
    const [x0, y0, x1, y1] = this.onScreen(this.box);
    const apart = { w: Math.abs(px - x0), e: Math.abs(px - x1), n: Math.abs(py - y0), s: Math.abs(py - y1) };
    return Object.keys(apart).sort((a, b) => apart[a] - apart[b])[0];
  }

  move(app, points) {
    if (!this.drag) {
      this.selecting?.move(app, points);
      return;
    }
    const { taken, from, box } = this.drag;
    const to = points.at(-1);
    this.put(dragged(box, taken, to.x - from.x, to.y - from.y, LEAST));
  }

  up(app) {
    this.selecting?.up(app);
    this.selecting = null;
    if (!this.drag) return;
    this.drag = null;
    app.status('');
    this.generation.set({});
  }

  drop(app) {
    this.selecting?.drop(app);
    this.selecting = null;
    if (this.drag) {
      this.put(this.drag.box);
      this.drag = null;
      this.generation.set({});
    }
    app.parts.stage.style.cursor = '';
  }

  hover(app, point) {
    app.parts.stage.style.cursor = cursorOf(this.gripAt(point) ?? this.gripAt(point, this.other));
    app.tools.get(this.selector).hover?.(app, point);
  }

  finish(app) {
    if (this.generation.maySelect) app.tools.get(this.selector).finish?.(app);
  }

  /** Alt and arrows move the box in hand, with Shift they resize it; a frame of an extension only grows and shrinks. */
  key(event, command) {
    const { box, generation, app } = this;
    if (command === 'box.other') return this.sayOther();
    const way = WAYS[event.key];
    if (!box || !way || !event.altKey) return false;
    const step = Math.max(1, Math.round(FAR / app.view.scale));
    const [dx, dy] = way.map((part) => part * step);
    if (this.isFixed) this.put(this.grown(box, way, step, event.shiftKey));
    else this.put(dragged(box, event.shiftKey ? 'se' : 'move', dx, dy, LEAST));
    this.sayBox();
    generation.set({});
    return true;
  }

  sayBox(before = '') {
    const { width, height } = sizeOf(this.box);
    say(before + word('generate.boxSaid', { x: this.box[0], y: this.box[1], width, height }));
  }

  sayOther() {
    if (!this.swap()) return false;
    this.sayBox(`${this.nameOf(this.isInner)}. `);
    return true;
  }

  nameOf(isInner) {
    return word(this.generation.tool === 'extend' && !isInner ? 'generate.newSize' : 'generate.seen');
  }

  /** A frame whose side of an arrow goes outwards, or with Shift back inwards. */
  grown([x0, y0, x1, y1], [sx, sy], step, back) {
    const by = back ? -step : step;
    return [sx < 0 ? x0 - by : x0, sy < 0 ? y0 - by : y0, sx > 0 ? x1 + by : x1, sy > 0 ? y1 + by : y1];
  }

  // --- drawing --------------------------------------------------------------------------------------------------

  draw(context) {
    const { generation, app } = this;
    if (!generation.tool) return;
    const result = generation.look.shown && !generation.look.held && generation.look.found?.tool === 'extend';
    if (generation.tool === 'extend' && !result) this.drawNew(context);
    const { box, other } = this;
    if (!box) return;
    const { ratio } = app;
    if (other && !result && !same(rounded(other), rounded(box))) {
      const rectangle = this.rectangle(other);
      this.dotted(context, rectangle);
      this.label(context, rectangle, other, !this.isInner);
    }
    const rectangle = this.rectangle(box);
    this.dotted(context, rectangle);
    for (const { x, y } of handles(rectangle)) {
      const side = HANDLE * ratio;
      context.fillStyle = '#fff';
      context.strokeStyle = '#000';
      context.lineWidth = ratio;
      context.beginPath();
      context.roundRect(x - side / 2, y - side / 2, side, side, 1.5 * ratio);
      context.fill();
      context.stroke();
    }
    this.label(context, rectangle, box, this.isInner);
  }

  rectangle(box) {
    return this.onScreen(box).map((value) => Math.round(value) + 0.5);
  }

  dotted(context, [x0, y0, x1, y1]) {
    const { ratio } = this.app;
    context.save();
    context.lineCap = 'round';
    context.setLineDash([0, 3 * DOT * ratio]);
    for (const [colour, width] of [['#000000b3', DOT * 1.75], ['#fff', DOT]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * ratio;
      context.strokeRect(x0, y0, x1 - x0, y1 - y0);
    }
    context.restore();
  }

  /** What a box is, above its corner; within its lower edge for the second one of two, which may begin at the same corner. */
  label(context, [x0, y0, , y1], box, isInner) {
    const { ratio } = this.app;
    const { width, height } = sizeOf(box);
    const text = `${this.nameOf(isInner)} · ${width} × ${height}`;
    context.font = `${11 * ratio}px Inter, sans-serif`;
    context.textBaseline = 'middle';
    const pad = 6 * ratio;
    const tall = 18 * ratio;
    const left = Math.max(pad, x0) + (isInner ? pad : 0);
    const top = isInner ? y1 - tall - 8 * ratio : Math.max(pad, y0 - tall - 8 * ratio);
    context.fillStyle = '#0c0c0ec7';
    context.beginPath();
    context.roundRect(left, top, context.measureText(text).width + 2 * pad, tall, 4 * ratio);
    context.fill();
    context.fillStyle = '#fff';
    context.fillText(text, left + pad, top + tall / 2 + ratio / 2);
  }

  /** What the picture grows by, tinted. */
  drawNew(context) {
    const { width, height } = this.app.state;
    const [outer, inner] = [this.onScreen(this.grownTo), this.onScreen([0, 0, width, height])];
    const area = new Path2D();
    for (const [x0, y0, x1, y1] of [outer, inner]) area.rect(x0, y0, x1 - x0, y1 - y0);
    context.fillStyle = '#4663f538';
    context.fill(area, 'evenodd');
  }
}
