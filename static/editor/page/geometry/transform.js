// The transform tool: a layer, or what is selected of it, moved, scaled, turned, slanted or brought into perspective by its four corners.
// Nothing is an operation until it is applied: then it is one, made from the pixels as they were.
import { make } from '../make.js';
import { say } from '../say.js';
import { placeOf, rows } from '../tree.js';
import { word } from '../words.js';
import { choiceOf } from './controls.js';
import { SIDES, cursorOf, drawFrame, handlesOf, taken } from './frame.js';
import { Reshaping } from './reshaping.js';
import { add, axesOf, bodyOf, cornersOf, far, inAxes, middle, minus, scaledBy, times, turned } from './maths.js';

const MODES = ['scale', 'skew', 'perspective'];
const METHODS = ['bicubic', 'bilinear', 'nearest'];
const STEP = 15; // degrees, with Shift

export class Transform extends Reshaping {
  name = 'transform';
  mode = 'scale';
  method = 'bicubic';
  corners = null;

  start() {
    this.corners = this.box ? cornersOf(this.box) : null;
  }

  again() {
    this.take(this.corners);
  }

  get onScreen() {
    return this.corners.map(({ x, y }) => this.app.view.toScreen(x, y));
  }

  get inHand() {
    const { corners, mode, method } = this;
    return { corners, mode, method };
  }

  get isChanged() {
    return Boolean(this.corners) && cornersOf(this.box).some((corner, i) => far(minus(corner, this.corners[i])) > 1e-6);
  }

  /** Takes corners, and shows what they make of the pixels. */
  take(corners) {
    const body = bodyOf(this.box, corners, this.method);
    if (!body) return; // a frame with a knot in it; the last good one stays
    this.corners = corners;
    const { app, layer } = this;
    const found = placeOf(app.state.layers, layer)?.layer;
    if (!this.isChanged) app.link.tell('preview.drop');
    // What is drawn from a description is drawn again, sharp; what is selected is taken out of its layer.
    else if (app.state.selected || (found && rows([found]).some((row) => row.layer.shape || row.layer.text))) app.link.tell('draft', { operation: { kind: 'transform', body: { layer, ...body } } });
    else app.link.tell('try', { layer, values: { transform: body } });
    this.show();
  }

  // --- gestures -----------------------------------------------------------------------------------------------------

  down(point) {
    if (!this.isReady()) return;
    this.drag = { name: taken(this.onScreen, point, this.reach()) ?? 'turn', from: point, before: this.corners };
  }

  move(points, keys = this.room.keys) {
    const { drag } = this;
    if (!drag) return;
    const to = points.at(-1);
    const by = minus(to, drag.from);
    const mode = keys.ctrl ? (drag.name.length === 2 ? 'perspective' : 'skew') : this.mode;
    if (drag.name === 'move') this.take(drag.before.map((corner) => add(corner, keys.shift ? straight(by) : by)));
    else if (drag.name === 'turn') this.turn(to, keys);
    else if (mode === 'perspective' && drag.name.length === 2) this.take(drag.before.map((corner, i) => (i === CORNER[drag.name] ? add(corner, by) : corner)));
    else if (mode !== 'scale' && drag.name.length === 1) this.take(drag.before.map((corner, i) => (EDGE[drag.name].includes(i) ? add(corner, by) : corner)));
    else this.scale(to, keys);
    this.status();
  }

  turn(to, { shift }) {
    const { before, from } = this.drag;
    const centre = middle(before);
    const angle = (p) => (Math.atan2(p.y - centre.y, p.x - centre.x) * 180) / Math.PI;
    const degrees = angle(to) - angle(from);
    this.take(before.map((corner) => turned(corner, centre, shift ? Math.round(degrees / STEP) * STEP : degrees)));
  }

  /** Scales in the frame's own directions, away from the opposite handle; with Alt from the middle. Corners keep the shape, unless Shift is held. */
  scale(to, { shift, alt }) {
    const { before, name, from } = this.drag;
    const [sx, sy] = SIDES[name];
    const handles = handlesOf(before);
    const anchor = alt ? middle(before) : handles[OPPOSITE[name]];
    const axes = axesOf(before);
    const start = inAxes(minus(handles[name], anchor), axes);
    const end = inAxes(minus(add(handles[name], minus(to, from)), anchor), axes);
    let [fx, fy] = [sx && start.x ? end.x / start.x : 1, sy && start.y ? end.y / start.y : 1];
    if (sx && sy && !shift) fx = fy = Math.abs(fx) > Math.abs(fy) ? fx : fy;
    this.take(scaledBy(before, anchor, axes, least(fx), least(fy)));
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (drag) this.sayIt();
    this.app.status('');
  }

  /** Escape: the drag in hand, then all of it. */
  drop() {
    if (!this.corners) return;
    const corners = this.drag ? this.drag.before : cornersOf(this.box);
    const was = this.isChanged;
    this.drag = null;
    this.take(corners);
    if (was && !this.isChanged) say(word('transform.cancelled'));
  }

  hover(point) {
    const name = this.corners && taken(this.onScreen, point, this.reach());
    this.app.parts.stage.style.cursor = !this.corners ? 'default' : name ? cursorOf(name, this.onScreen) : 'grab';
  }

  /** Arrows move, with Alt they scale, with Ctrl they turn; Shift in larger steps. */
  key(event) {
    if (!this.corners) return false;
    if (event.key === 'Enter') {
      this.apply();
      return true;
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return false;
    const [dx, dy] = way.map((part) => part * (event.shiftKey ? 10 : 1));
    const { corners } = this;
    const axes = axesOf(corners);
    const centre = middle(corners);
    if (event.ctrlKey || event.metaKey) this.take(corners.map((corner) => turned(corner, centre, dx + dy)));
    else if (event.altKey) this.take(scaledBy(corners, centre, axes, least(1 + dx / axes.width), least(1 - dy / axes.height)));
    else this.take(corners.map((corner) => add(corner, { x: dx, y: dy })));
    this.sayIt();
    return true;
  }

  get values() {
    const { corners } = this;
    const axes = axesOf(corners);
    return { x: Math.min(...corners.map(({ x }) => x)), y: Math.min(...corners.map(({ y }) => y)), width: axes.width, height: axes.height, angle: axes.degrees, skew: axes.skew };
  }

  typed(name, value) {
    const { corners } = this;
    if (!corners) return;
    const axes = axesOf(corners);
    const centre = middle(corners);
    if (name === 'x' || name === 'y') this.take(corners.map((corner) => add(corner, { x: 0, y: 0, [name]: value - this.values[name] })));
    else if (name === 'width') this.take(scaledBy(corners, centre, axes, least(value / axes.width), 1));
    else if (name === 'height') this.take(scaledBy(corners, centre, axes, 1, least(value / axes.height)));
    else if (name === 'angle') this.take(corners.map((corner) => turned(corner, centre, value - axes.degrees)));
    else {
      const lean = Math.max(-80, Math.min(80, value)) * (Math.PI / 180);
      const down = turned(times({ x: -Math.sin(lean), y: Math.cos(lean) }, axes.height), { x: 0, y: 0 }, axes.degrees);
      const [u, v] = [times(axes.u, 0.5), times(down, 0.5)];
      this.take([minus(minus(centre, u), v), minus(add(centre, u), v), add(add(centre, u), v), add(minus(centre, u), v)]);
    }
    this.sayIt();
  }

  flip(across) {
    if (!this.corners) return;
    this.take(scaledBy(this.corners, middle(this.corners), axesOf(this.corners), across ? -1 : 1, across ? 1 : -1));
    this.sayIt();
  }

  status() {
    const { width, height, angle } = this.values;
    this.app.status(`${Math.round(width)} × ${Math.round(height)} · ${Math.round(angle * 10) / 10}°`);
  }

  sayIt() {
    const { x, y, width, height, angle } = this.values;
    say(word('transform.said', { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height), angle: Math.round(angle * 10) / 10 }));
  }

  // --- what becomes of it -----------------------------------------------------------------------------------------

  async apply() {
    if (this.isChanged) await this.done('transform', { layer: this.layer, ...bodyOf(this.box, this.corners, this.method) });
  }

  // --- the panel ----------------------------------------------------------------------------------------------------

  draw(context) {
    if (this.corners) drawFrame(context, this.onScreen, this.app.ratio);
  }

  controls() {
    const mode = choiceOf('transform-mode', word('transform.mode'), MODES.map((name) => [name, word(`transform.${name}`)]), this.mode, (value) => {
      this.mode = value;
    });
    const { elements, follow } = this.room.fields('transform', ['x', 'y', 'width', 'height', 'angle', 'skew'], {
      get: () => (this.corners ? this.values : { x: 0, y: 0, width: 0, height: 0, angle: 0, skew: 0 }), set: (name, value) => this.typed(name, value),
    });
    const eight = this.room.fields('corner', ['1x', '1y', '2x', '2y', '3x', '3y', '4x', '4y'], {
      get: () => Object.fromEntries((this.corners ?? cornersOf([0, 0, 0, 0])).flatMap(({ x, y }, i) => [[`${i + 1}x`, x], [`${i + 1}y`, y]])),
      set: (name, value) => this.corners && this.take(this.corners.map((corner, i) => (i === Number(name[0]) - 1 ? { ...corner, [name[1]]: value } : corner))),
    });
    const method = choiceOf('transform-method', word('resize.method'), METHODS.map((name) => [name, word(`method.${name}`)]), this.method, (value) => {
      this.method = value;
      if (this.isChanged) this.take(this.corners);
    });
    const button = (key, act) => make('button', { type: 'button', class: 'button button-small', text: word(key), on: { click: act } });
    const flips = make('div', { class: 'panel-actions' }, [button('transform.across', () => this.flip(true)), button('transform.down', () => this.flip(false))]);
    this.fields = () => {
      follow();
      eight.follow();
    };
    const corners = make('details', { class: 'layer-more' }, [make('summary', { text: word('transform.corners') }), ...eight.elements]);
    return [mode, ...elements, corners, flips, method];
  }
}

const CORNER = { nw: 0, ne: 1, se: 2, sw: 3 };
const EDGE = { n: [0, 1], e: [1, 2], s: [2, 3], w: [3, 0] };
const OPPOSITE = { nw: 'se', n: 's', ne: 'sw', e: 'w', se: 'nw', s: 'n', sw: 'ne', w: 'e' };

const straight = ({ x, y }) => (Math.abs(x) > Math.abs(y) ? { x, y: 0 } : { x: 0, y });
/** A factor that leaves something. */
const least = (factor) => (Math.abs(factor) < 0.001 ? 0.001 * (Math.sign(factor) || 1) : factor);
