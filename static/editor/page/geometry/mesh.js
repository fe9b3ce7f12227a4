// The mesh tool: a layer, or what is selected of it, bent by a grid of handles. Nothing is an operation until it is applied: then it is
// one, made from the pixels as they were.
import { make } from '../make.js';
import { say, toast } from '../say.js';
import { rows } from '../tree.js';
import { word } from '../words.js';
import { choiceOf } from './controls.js';
import { drawGrid } from './frame.js';
import { bodyOf, costOf, linesOf, regrid, restOf, rounded, still } from './grid.js';
import { add, far, minus } from './maths.js';
import { Reshaping } from './reshaping.js';

const PARTS = [3, 4, 5];
const METHODS = ['bicubic', 'bilinear', 'nearest'];
const MOST = 8192 ** 2; // pixels of what is bent
const MOST_BENT = 3 * MOST; // and of where it comes to lie: editor/log/schema.py

export class Mesh extends Reshaping {
  name = 'mesh';
  parts = 3;
  method = 'bicubic';
  moved = still(3); // how far each handle was moved, row by row
  chosen = 0;
  drawn = []; // the shapes and texts of the layer
  asPixels = null; // the layer whose shapes and texts are bent as pixels

  start() {
    if (this.isOffered) say(word('mesh.offer'));
    this.moved = still(this.parts);
    this.chosen = Math.min(this.chosen, this.moved.length - 1);
    this.drag = null;
    const [x0, y0, x1, y1] = this.box ?? [0, 0, 0, 0];
    this.isTooLarge = (x1 - x0) * (y1 - y0) > MOST;
    if (this.isTooLarge) this.box = null;
  }

  again() {
    this.take(this.moved);
  }

  isReady() {
    if (this.isOffered) {
      toast(word('mesh.offer'), 'warning');
      return false;
    }
    if (this.isTooLarge) toast(word('mesh.large'), 'warning');
    return !this.isTooLarge && super.isReady();
  }

  /** Shapes and texts are bent as pixels, once that was offered and taken. */
  takes(layer) {
    const may = super.takes(layer);
    this.drawn = may ? rows([layer]).map((row) => row.layer).filter(({ shape, text }) => shape || text) : [];
    return may && (!this.drawn.length || this.asPixels === layer.id);
  }

  get isOffered() {
    return this.box === null && this.drawn.length > 0;
  }

  /** Takes the offer to bend what shapes and texts look like: they become pixels with the mesh, in one step, when it is applied. */
  accept() {
    if (this.drawn.some(({ locked }) => locked)) {
      this.app.refuse('This layer is locked. Unlock it first.');
      return;
    }
    Object.assign(this, { asPixels: this.layer, of: null });
    this.begin();
    this.app.parts.stage.focus({ preventScroll: true });
  }

  get inHand() {
    const { moved, parts, method, asPixels } = this;
    return { moved, parts, method, asPixels: Boolean(asPixels) };
  }

  /** What was bent as pixels is taken up as that: the offer was taken. */
  async restore({ inHand: { asPixels, ...inHand }, ...values }) {
    if (asPixels) Object.assign(this, { asPixels: values.layer, of: null });
    const done = await super.restore({ ...values, inHand });
    if (asPixels && !done) this.withdraw();
    return done;
  }

  get isChanged() {
    return Boolean(this.box) && this.moved.some(({ x, y }) => x || y);
  }

  /** Where a handle is now. */
  placeOf(index) {
    return add(restOf(this.box, this.parts, index), this.moved[index]);
  }

  onScreen({ x, y }) {
    return this.app.view.toScreen(x, y);
  }

  /** Takes how far handles were moved, and shows what that makes of the pixels. */
  take(moved) {
    if (costOf(this.box, moved, this.parts) > MOST_BENT) return; // more than a replay does; the last one stays
    this.moved = moved;
    const { app, layer } = this;
    const body = bodyOf(this.box, moved, this.parts, this.method);
    if (!this.isChanged) app.link.tell('preview.drop');
    else if (app.state.selected) app.link.tell('draft', { operation: { kind: 'mesh', body: { layer, ...body } } });
    else app.link.tell('try', { layer, values: { mesh: body } });
    this.show();
  }

  /** Brings a handle to a place. */
  put(index, place) {
    this.take(this.moved.map((by, i) => (i === index ? rounded(minus(place, restOf(this.box, this.parts, i))) : by)));
  }

  // --- gestures -----------------------------------------------------------------------------------------------------

  /** The handle nearest to a point of the screen, or null where none is near. */
  near({ px, py }) {
    const away = this.moved.map((_, i) => far(minus(this.onScreen(this.placeOf(i)), { x: px, y: py })));
    const least = Math.min(...away);
    return least <= this.reach() ? away.indexOf(least) : null;
  }

  down(point) {
    if (!this.isReady()) return;
    const index = this.near(point);
    if (index === null) {
      this.drag = { before: this.moved }; // of a press on nothing, which may become a pinch
      return;
    }
    this.chosen = index;
    this.drag = { from: point, at: this.placeOf(index), before: this.moved };
    this.show();
  }

  move(points, { shift } = this.room.keys) {
    const { drag } = this;
    if (!drag?.from) return;
    const by = minus(points.at(-1), drag.from);
    const straight = Math.abs(by.x) > Math.abs(by.y) ? { x: by.x, y: 0 } : { x: 0, y: by.y };
    this.put(this.chosen, add(drag.at, shift ? straight : by));
    this.status();
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (drag?.from) this.sayIt();
    this.app.status('');
  }

  /** Escape: the drag in hand, then all of it. */
  drop() {
    if (!this.box) return;
    const { drag, isChanged: was } = this;
    this.take(drag ? drag.before : still(this.parts));
    this.drag = null;
    if (was && !this.isChanged) say(word('mesh.cancelled'));
    else if (!drag && !was && this.asPixels) this.withdraw();
  }

  hover(point) {
    this.app.parts.stage.style.cursor = this.box && this.near(point) !== null ? 'move' : 'default';
  }

  /** Arrows move the handle, Shift in larger steps; Alt with arrows, or Tab, chooses another one. */
  key(event) {
    if (this.isOffered && event.key === 'Enter') {
      this.accept();
      return true;
    }
    if (!this.box || event.ctrlKey || event.metaKey) return false;
    if (event.key === 'Enter') {
      this.apply();
      return true;
    }
    if (event.key === 'Tab') return this.choose(this.chosen + (event.shiftKey ? -1 : 1));
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return false;
    if (event.altKey) {
      this.step(way);
      return true;
    }
    const [x, y] = way.map((part) => part * (event.shiftKey ? 10 : 1));
    this.put(this.chosen, add(this.placeOf(this.chosen), { x, y }));
    this.sayIt();
    return true;
  }

  /** Chooses a handle by its number; false behind the last one and before the first, where Tab leaves the canvas. */
  choose(index) {
    if (index < 0 || index >= this.moved.length) return false;
    this.chosen = index;
    this.sayIt();
    this.show();
    return true;
  }

  /** Chooses the handle beside. */
  step([dx, dy]) {
    const side = this.parts + 1;
    const [column, row] = [this.chosen % side + dx, Math.floor(this.chosen / side) + dy];
    if (column >= 0 && row >= 0 && column < side && row < side) this.choose(row * side + column);
  }

  status() {
    const { x, y } = this.moved[this.chosen];
    this.app.status(`${Math.round(x)}, ${Math.round(y)}`);
  }

  sayIt() {
    const side = this.parts + 1;
    const { x, y } = this.placeOf(this.chosen);
    say(word('mesh.said', { row: Math.floor(this.chosen / side) + 1, column: (this.chosen % side) + 1, x: Math.round(x), y: Math.round(y) }));
  }

  // --- what becomes of it -----------------------------------------------------------------------------------------

  async apply() {
    if (!this.isChanged) return;
    const first = this.drawn.map(({ id }) => ['layer.rasterize', { layer: id }]);
    const done = await this.done('mesh', { layer: this.layer, ...bodyOf(this.box, this.moved, this.parts, this.method) }, first);
    if (done) this.asPixels = null; // after an undo it is offered again
  }

  /** Gives up what was accepted. */
  withdraw() {
    Object.assign(this, { asPixels: null, of: null });
    this.begin();
  }

  leave() {
    super.leave();
    this.asPixels = null;
  }

  // --- the panel ----------------------------------------------------------------------------------------------------

  draw(context) {
    if (!this.box) return;
    const lines = linesOf(this.box, this.moved, this.parts).map((line) => line.map((place) => this.onScreen(place)));
    drawGrid(context, lines, this.moved.map((_, i) => this.onScreen(this.placeOf(i))), this.chosen, this.app.ratio);
  }

  regrid(parts) {
    const moved = regrid(this.moved, this.parts, parts);
    Object.assign(this, { parts, moved, chosen: 0 });
    if (this.box) this.take(moved);
  }

  get values() {
    const side = this.parts + 1;
    const at = this.box ? this.placeOf(this.chosen) : { x: 0, y: 0 };
    return { column: (this.chosen % side) + 1, row: Math.floor(this.chosen / side) + 1, ...at };
  }

  typed(name, value) {
    if (!this.box) return;
    if (name === 'x' || name === 'y') this.put(this.chosen, { ...this.placeOf(this.chosen), [name]: value });
    else {
      const { column, row } = { ...this.values, [name]: Math.max(1, Math.min(this.parts + 1, Math.round(value))) };
      this.choose((row - 1) * (this.parts + 1) + column - 1);
    }
  }

  controls() {
    const grid = choiceOf('mesh-parts', word('mesh.parts'), PARTS.map((n) => [String(n), `${n} × ${n}`]), String(this.parts), (value) => this.regrid(Number(value)));
    const { elements, follow } = this.room.fields('mesh', ['column', 'row', 'x', 'y'], { get: () => this.values, set: (name, value) => this.typed(name, value) });
    const method = choiceOf('mesh-method', word('resize.method'), METHODS.map((name) => [name, word(`method.${name}`)]), this.method, (value) => {
      this.method = value;
      if (this.isChanged) this.take(this.moved);
    });
    const accept = make('button', { type: 'button', class: 'button button-small', text: word('mesh.accept'), on: { click: () => this.accept() } });
    const offer = make('div', { class: 'geometry-offer' }, [make('p', { text: word('mesh.offer') }), make('div', { class: 'panel-actions' }, [accept])]);
    this.fields = () => {
      follow();
      offer.hidden = !this.isOffered;
    };
    return [offer, grid, ...elements, method];
  }
}
