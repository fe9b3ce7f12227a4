// The shape tool and the pen: what they share, their panel, and the shape that is chosen.
import { newId } from '../../worker/ids.js';
import { opaque } from '../colour.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';
import { Drawing } from './drawing.js';
import { drawHandle, pathOf } from './marks.js';
import { panelOf } from './panel.js';
import { Pen } from './pen.js';
import { UNIT, handlesOf, isOpen, pulled } from './values.js';

const REACH = 9;

export class Room {
  constructor(app) {
    this.app = app;
    this.front = app.options.front;
    this.look = { fill: true, stroke: false, fillColour: this.front, colour: this.front, width: 4, cap: 'round', join: 'miter', dash: 0, gap: 0 };
    this.fresh = null; // the foreground colour, where it was chosen after the colours of `look`
    this.seen = null; // the shape whose look `look` is
    this.kind = 'rectangle';
    this.keys = {};
    this.shape = new Drawing(this);
    this.pen = new Pen(this);
    this.dragged = null; // { name, shape }: a handle of the chosen shape
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'keyup']) {
      document.addEventListener(type, ({ shiftKey, altKey }) => {
        this.keys = { shift: shiftKey, alt: altKey };
      }, { capture: true, passive: true });
    }
    app.options.addEventListener('change', () => this.coloured());
    app.overlay.frames = (context) => app[app.tool.room]?.ready?.tool?.draw(context);
  }

  get tool() {
    return this[this.app.tool.name] ?? null;
  }

  /** The chosen layer, if it is a shape. */
  get chosen() {
    const layer = placeOf(this.app.state.layers, this.app.layer)?.layer;
    return layer?.shape ? layer : null;
  }

  show(place) {
    this.panel = panelOf(this, place);
  }

  follow() {
    this.panel?.follow();
    this.app.overlay.frame();
  }

  // --- operations -------------------------------------------------------------------------------------------------

  /** The foreground colour is that of the next shape, once it is changed. */
  coloured() {
    const { front } = this.app.options;
    if (front === this.front) return;
    this.front = this.fresh = front;
    this.panel?.follow();
  }

  /** How the next shape of a kind looks: the foreground colour fills it, or draws its line where it is not filled. */
  next(kind) {
    const { look, fresh } = this;
    if (!fresh) return look;
    return look.fill && !isOpen(kind) ? { ...look, fillColour: fresh } : { ...look, colour: fresh };
  }

  takeFresh(kind) {
    this.look = this.next(kind);
    this.fresh = null;
  }

  /** The colours and the pen of a shape. */
  looks(kind) {
    const { look } = this;
    const out = {};
    if (look.fill && !isOpen(kind)) out.fill = opaque(look.fillColour);
    if (look.stroke || isOpen(kind)) {
      out.stroke = { rgba: opaque(look.colour), width: Math.min(65536, Math.max(1, Math.round(look.width * UNIT))), cap: look.cap, join: look.join };
      const dashes = [look.dash, look.gap].map((value) => Math.min(65536, Math.max(0, Math.round(value * UNIT))));
      if (dashes[0] + dashes[1] >= UNIT && look.gap) out.stroke.dashes = dashes;
    }
    return out;
  }

  async add(shape) {
    const { app } = this;
    const place = placeOf(app.state.layers, app.layer);
    this.seen = app.wanted = newId();
    this.takeFresh(shape.kind);
    const name = word(`shape.${shape.kind}`);
    await app.do('layer.add', { layer: app.wanted, name, group: place?.parent ?? null, above: place?.layer.id ?? null, shape: { ...shape, ...this.looks(shape.kind) } });
  }

  /** Gives the chosen shape other values. */
  change(shape) {
    const { chosen } = this;
    if (chosen) this.app.do('layer.shape', { layer: chosen.id, shape });
  }

  rasterize() {
    const { chosen } = this;
    if (chosen) this.app.do('layer.rasterize', { layer: chosen.id });
  }

  // --- handles of the chosen shape ----------------------------------------------------------------------------------

  /** Where the chosen shape's own plane stands, as six numbers; null where it is seen in perspective. */
  get way() {
    const place = this.chosen?.place?.map(Number);
    if (!place || place[6] || place[7]) return null;
    const [a, b, c, d, e, f, , , i] = place;
    const det = a * e - b * d;
    return det ? [e * i / det, -b * i / det, (b * f - c * e) / det, -d * i / det, a * i / det, (c * d - a * f) / det] : null;
  }

  onDocument([x, y]) {
    const [a, b, c, d, e, f] = this.way;
    return { x: (a * x + b * y) / UNIT + c, y: (d * x + e * y) / UNIT + f };
  }

  /** A point of the document in 64ths of the chosen shape's own plane. */
  inShape({ x, y }) {
    const [a, b, c, d, e, f, , , i] = this.chosen.place.map(Number);
    return [((a * x + b * y + c) / i) * UNIT, ((d * x + e * y + f) / i) * UNIT];
  }

  /** Takes a handle that is near a point; returns whether there was one. */
  take(point) {
    if (!this.way || point.typed) return false;
    const { view, ratio } = this.app;
    const near = handlesOf(this.chosen.shape).map(([name, x, y]) => {
      const place = this.onDocument([x, y]);
      const at = view.toScreen(place.x, place.y);
      return [Math.hypot(at.x - point.px, at.y - point.py), name];
    }).sort((one, other) => one[0] - other[0])[0];
    if (!near || near[0] > REACH * ratio) return false;
    this.dragged = { name: near[1], shape: this.chosen.shape };
    return true;
  }

  pull(point) {
    this.dragged.shape = pulled(this.dragged.shape, this.dragged.name, ...this.inShape(point));
    this.app.overlay.frame();
  }

  /** Ends the drag of a handle. */
  release() {
    const { shape } = this.dragged;
    this.dragged = null;
    this.change(shape);
  }

  drawChosen(context) {
    if (!this.way) return;
    const shape = this.dragged?.shape ?? this.chosen.shape;
    if (this.dragged) this.app.overlay.twoColours(pathOf(shape, (point) => this.onDocument(point)), true);
    for (const [, x, y] of handlesOf(shape)) {
      const place = this.onDocument([x, y]);
      drawHandle(context, this.app.view.toScreen(place.x, place.y), this.app.ratio);
    }
  }
}
