// The crop tool: a frame with handles and thirds over the picture, which may be turned to straighten it.
import { hold } from '../hand.js';
import { slider } from '../panels/properties.js';
import { say } from '../say.js';
import { word } from '../words.js';
import { check, choiceOf } from './controls.js';
import { SIDES, cursorOf, drawFrame, taken } from './frame.js';
import { add, cornersOf, fitting, minus, turned } from './maths.js';

export const RATIOS = { free: null, original: null, '1:1': 1, '5:4': 5 / 4, '4:3': 4 / 3, '3:2': 3 / 2, '16:9': 16 / 9, '4:5': 4 / 5, '3:4': 3 / 4, '2:3': 2 / 3, '9:16': 9 / 16 };
const MOST = 8192;
const TENTHS = 10;

export class Crop {
  constructor(room) {
    this.room = room;
    this.app = room.app;
    this.ratio = 'free';
    this.discard = false;
    this.doing = null; // what is being applied
    this.reset();
  }

  /** The frame around the whole picture. */
  reset() {
    const { width, height } = this.app.state;
    Object.assign(this, { centre: { x: width / 2, y: height / 2 }, width, height, degrees: 0, drag: null });
  }

  get size() {
    return { width: this.app.state.width, height: this.app.state.height };
  }

  get wanted() {
    return this.ratio === 'original' ? this.size.width / this.size.height : RATIOS[this.ratio];
  }

  get corners() {
    const { centre: { x, y }, width, height, degrees } = this;
    return cornersOf([x - width / 2, y - height / 2, x + width / 2, y + height / 2]).map((corner) => turned(corner, { x, y }, degrees));
  }

  get onScreen() {
    return this.corners.map(({ x, y }) => this.app.view.toScreen(x, y));
  }

  // --- what a frame may be ----------------------------------------------------------------------------------------

  /** Takes a box in the frame's own directions, [x0, y0, x1, y1] around its middle. */
  take([x0, y0, x1, y1]) {
    const { degrees } = this;
    let [width, height] = [Math.min(MOST, Math.max(1, x1 - x0)), Math.min(MOST, Math.max(1, y1 - y0))];
    this.centre = add(this.centre, turned({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 }, { x: 0, y: 0 }, degrees));
    if (!degrees) {
      [width, height] = [Math.round(width), Math.round(height)];
      const left = Math.round(this.centre.x - width / 2);
      const top = Math.round(this.centre.y - height / 2);
      this.centre = { x: left + width / 2, y: top + height / 2 };
    }
    Object.assign(this, { width, height });
    this.changed();
  }

  /** Brings the frame to the ratio that is chosen, no larger than it is. */
  fit() {
    const { wanted } = this;
    if (wanted) {
      if (this.width / this.height > wanted) this.width = this.height * wanted;
      else this.height = this.width / wanted;
    }
    const least = fitting(this, this.size);
    this.take([-this.width / 2 * least, -this.height / 2 * least, this.width / 2 * least, this.height / 2 * least]);
  }

  straighten(degrees) {
    this.degrees = degrees;
    const { width, height } = this.size;
    // The largest frame of its shape that still lies in the picture.
    const grown = Math.max(width, height) * 2;
    const shape = this.wanted ?? this.width / this.height;
    Object.assign(this, { centre: { x: width / 2, y: height / 2 }, width: grown * Math.min(1, shape), height: grown * Math.min(1, 1 / shape) });
    this.fit();
  }

  get isChanged() {
    const { centre: { x, y }, width, height, degrees, size } = this;
    return Boolean(degrees) || width !== size.width || height !== size.height || 2 * x !== width || 2 * y !== height;
  }

  changed() {
    const { app, doing, centre, width, height, degrees, ratio, discard } = this;
    hold(app, this.isChanged && !doing ? { tool: 'crop', inHand: { centre, width, height, degrees, ratio, discard } } : null, doing);
    app.overlay.frame();
    this.fields?.();
    app.status(`${Math.round(width)} × ${Math.round(height)}`);
  }

  // --- gestures -----------------------------------------------------------------------------------------------------

  reach() {
    return (this.room.coarse.matches ? 24 : 10) * this.app.ratio;
  }

  down(point) {
    const name = point.typed ? null : taken(this.onScreen, point, this.reach());
    const { centre, width, height } = this;
    this.drag = { name, from: point, before: { centre, width, height } };
  }

  move(points, { shift } = this.room.keys) {
    const { drag, degrees } = this;
    if (!drag) return;
    const to = points.at(-1);
    const { before: { centre, width, height }, from } = drag;
    Object.assign(this, { centre, width, height });
    const by = turned(minus(to, from), { x: 0, y: 0 }, -degrees);
    if (drag.name === 'move') {
      this.take([by.x - width / 2, by.y - height / 2, by.x + width / 2, by.y + height / 2]);
      return;
    }
    if (!drag.name) { // a new frame from corner to corner
      const [a, b] = [from, to].map((point) => turned(minus(point, centre), { x: 0, y: 0 }, -degrees));
      this.take(this.held([Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)], [b.x < a.x ? -1 : 1, b.y < a.y ? -1 : 1], shift));
      return;
    }
    const [sx, sy] = SIDES[drag.name];
    const box = [-width / 2, -height / 2, width / 2, height / 2];
    if (sx < 0) box[0] = Math.min(box[0] + by.x, box[2] - 1);
    if (sx > 0) box[2] = Math.max(box[2] + by.x, box[0] + 1);
    if (sy < 0) box[1] = Math.min(box[1] + by.y, box[3] - 1);
    if (sy > 0) box[3] = Math.max(box[3] + by.y, box[1] + 1);
    this.take(this.held(box, [sx, sy], shift));
  }

  /** A box in the ratio that is chosen, with the side or corner that is dragged where it gives way. */
  held([x0, y0, x1, y1], [sx, sy], shift) {
    const ratio = this.wanted ?? (shift ? this.drag.before.width / this.drag.before.height : null);
    if (!ratio) return [x0, y0, x1, y1];
    let [width, height] = [x1 - x0, y1 - y0];
    if (!sx) width = height * ratio;
    else if (!sy) height = width / ratio;
    else if (width / height > ratio) height = width / ratio;
    else width = height * ratio;
    const span = (low, high, size, side) => (side < 0 ? [high - size, high] : side > 0 ? [low, low + size] : [(low + high - size) / 2, (low + high + size) / 2]);
    const [[left, right], [top, below]] = [span(x0, x1, width, sx), span(y0, y1, height, sy)];
    return [left, top, right, below];
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (drag && !drag.name && (this.width < 3 || this.height < 3)) Object.assign(this, drag.before);
    this.changed();
    if (drag) this.sayIt();
  }

  /** Escape: the drag in hand, then the frame. */
  drop() {
    if (this.drag) Object.assign(this, this.drag.before, { drag: null });
    else this.reset();
    this.show();
  }

  hover(point) {
    this.app.parts.stage.style.cursor = cursorOf(taken(this.onScreen, point, this.reach()), this.onScreen) || 'crosshair';
  }

  finish() {
    this.apply();
  }

  leave() {
    this.reset();
    hold(this.app, null);
  }

  /** Takes up a frame that was in hand when the page was left. */
  restore({ inHand }) {
    Object.assign(this, inHand);
    this.app.parts.properties.show(); // which begins with the whole picture
    Object.assign(this, inHand);
    this.changed();
    return true;
  }

  /** Arrows move the frame, with Alt its right or lower side; Shift in steps of ten. */
  key(event) {
    if (event.key === 'Enter') {
      this.apply();
      return true;
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey) return false;
    const [dx, dy] = way.map((part) => part * (event.shiftKey ? 10 : 1));
    const { width, height } = this;
    this.drag = { before: { width, height } };
    const box = [-width / 2, -height / 2, width / 2, height / 2];
    if (event.altKey) this.take(this.held([box[0], box[1], Math.max(box[0] + 1, box[2] + dx), Math.max(box[1] + 1, box[3] + dy)], [Math.sign(Math.abs(dx)), Math.sign(Math.abs(dy))], false));
    else this.take([box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy]);
    this.drag = null;
    this.sayIt();
    return true;
  }

  sayIt() {
    const { centre, width, height } = this;
    say(word('crop.said', { x: Math.round(centre.x - width / 2), y: Math.round(centre.y - height / 2), width: Math.round(width), height: Math.round(height) }));
  }

  // --- what becomes of it -----------------------------------------------------------------------------------------

  async apply() {
    const { app, degrees, centre } = this;
    const [width, height] = [Math.max(1, Math.round(this.width)), Math.max(1, Math.round(this.height))];
    if (degrees) {
      const [a, right, below] = [{ x: -width / 2, y: -height / 2 }, { x: 1, y: 0 }, { x: 0, y: 1 }].map((v) => turned(v, { x: 0, y: 0 }, degrees));
      const one = 2 ** 24;
      const matrix = [right.x, below.x, centre.x + a.x, right.y, below.y, centre.y + a.y, 0, 0, 1].map((v) => Math.round(v * one) + 0);
      await this.done(app.do('straighten', { width, height, matrix, method: 'bicubic' }));
      return;
    }
    const [x0, y0] = [Math.round(centre.x - width / 2), Math.round(centre.y - height / 2)];
    if (!x0 && !y0 && width === app.state.width && height === app.state.height) {
      say(word('crop.nothing'));
      return;
    }
    await this.done(app.do('crop', { x0, y0, x1: x0 + width, y1: y0 + height, discard: this.discard || undefined }));
  }

  async done(doing) {
    this.doing = doing;
    this.changed();
    const done = await doing;
    this.doing = null;
    if (!done) {
      this.changed(); // it stays in hand
      return;
    }
    this.reset();
    this.show();
    say(word('crop.applied', { width: this.app.state.width, height: this.app.state.height }));
  }

  // --- the panel ----------------------------------------------------------------------------------------------------

  draw(context) {
    drawFrame(context, this.onScreen, this.app.ratio, { thirds: true, outside: '#000000a6' });
  }

  controls() {
    const names = Object.keys(RATIOS);
    const ratio = choiceOf('crop-ratio', word('crop.ratio'), names.map((name) => [name, RATIOS[name] ? name.replace(':', ' : ') : word(`crop.${name}`)]), this.ratio, (value) => {
      this.ratio = value;
      this.fit();
    });
    const angle = slider({
      id: 'crop-angle', name: 'angle', label: word('crop.angle'), min: -45 * TENTHS, max: 45 * TENTHS, neutral: 0, unit: '°', scale: TENTHS, change: (value) => this.straighten(value / TENTHS),
    });
    const discard = check(word('crop.discard'), this.discard, (on) => {
      this.discard = on;
    });
    const { elements, follow } = this.room.fields('crop', ['x', 'y', 'width', 'height'], {
      get: () => ({ x: this.centre.x - this.width / 2, y: this.centre.y - this.height / 2, width: this.width, height: this.height }),
      set: (name, value) => this.typed(name, value),
    });
    this.fields = () => {
      follow();
      angle.take(Math.round(this.degrees * TENTHS));
      discard.hidden = this.degrees !== 0;
    };
    return [ratio, ...elements, angle, discard];
  }

  typed(name, value) {
    const { width, height, centre } = this;
    const box = [-width / 2, -height / 2, width / 2, height / 2];
    if (name === 'x' || name === 'y') {
      const by = value - (centre[name] - this[name === 'x' ? 'width' : 'height'] / 2);
      this.take(box.map((v, i) => ((i % 2 === 0) === (name === 'x') ? v + by : v)));
      return;
    }
    this.drag = { before: { width, height } };
    if (name === 'width') this.take(this.held([box[0], box[1], box[0] + value, box[3]], [1, 0], false));
    else this.take(this.held([box[0], box[1], box[2], box[1] + value], [0, 1], false));
    this.drag = null;
  }

  show() {
    this.changed();
    this.app.status('');
  }
}
