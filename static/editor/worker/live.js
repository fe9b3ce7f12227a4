// The stroke in hand: dabs are laid on as the pen moves, and the tiles they touch are shown at once. What it shows is what
// the finished operation gives: coverage adds up over the same dabs, whatever pieces they come in.
import { draw } from './compositor.js';
import { modeNumber, target, unlocked } from './layers.js';
import { strokeKernel } from './document.js';
import { PIXELS, TILE } from './planes.js';
import { Masks, SPANS, coverSpans, dabsOf, reached, touching } from './strokes.js';
import { isOpaque } from './tiles.js';

const SLOTS = 48; // tiles that are held in the kernels' memory at once
const DABS = 65536; // of one piece of the path: more than the longest step across the largest picture gives

export class LiveStroke {
  /** body: the operation as it will be, without samples. */
  constructor(document, shown, body) {
    this.document = document;
    this.shown = shown;
    this.body = body;
    this.kernels = document.kernels;
    this.layer = unlocked(document, body);
    this.plane = target(this.layer, body);
    this.mark = this.kernels.next;
    this.kernel = strokeKernel(document, this.layer, body);
    const { radius, hardness, flow, spacing, flags = 0 } = body;
    this.brush = { radius, hardness, flow, spacing, flags };
    this.state = new Int32Array(5);
    this.samples = [];
    this.cost = 0; // pixels that dabs were laid on, at most
    this.masks = new Masks(this.kernels, this.brush);
    this.size = PIXELS * this.plane.channels;
    this.slots = new Map();
    this.spilled = new Map(); // coverage and pixels of tiles that were left behind
    this.touched = new Set();
    this.top = document.layers.indexOf(this.layer);
    // Layers below and above can be drawn apart where the layer stands by itself.
    this.apart = this.top >= 0 && body.target !== 'mask' && !this.layer.clip && !document.layers[this.top + 1]?.clip;
    this.above = document.layers.slice(this.top + 1);
    this.plain = this.above.every((layer) => !layer.group && !layer.clip && !layer.mask && !layer.adjust);
    this.spans = this.kernels.room(4 * SPANS);
  }

  /** Adds samples (x16, y16, pressure, …) and returns what changed: { x, y, y0, y1 }, and where the tile lies in memory. */
  add(samples) {
    for (const value of samples) this.samples.push(value);
    const dabs = dabsOf(this.kernels, this.brush, samples, this.state, DABS);
    for (let i = 5; i < dabs.length; i += 7) this.cost += dabs[i] * dabs[i];
    const changed = [];
    const limit = [0, 0, ...this.document.size];
    for (const [x, y] of reached(dabs, limit)) {
      const { selection } = this.document;
      if (selection && !selection.blank && !selection.has(x, y)) continue;
      const part = this.addTo(x, y, touching(dabs, x, y, limit));
      if (part) changed.push(part);
    }
    return changed;
  }

  addTo(x, y, dabs) {
    const { kernels } = this;
    const slot = this.slot(x, y);
    // What was painted in full before, inside of a large brush say, is neither coloured nor composed again.
    const box = coverSpans(kernels, this.masks, slot.cov, dabs, x, y, this.spans);
    if (!box) return null;
    const [, y0, , y1] = box;
    this.paint(slot, y0, y1);
    this.compose(slot, x, y, y0, y1);
    return { x, y, box, tile: slot.tile, opaque: slot.opaque };
  }

  paint(slot, y0, y1) {
    const { tool, target: part, rgb, opacity } = this.body;
    if (tool === 'erase' || part === 'mask') this.kernel(slot.out, slot.old, slot.cov, slot.sel, y0 * TILE, (y1 - y0) * TILE);
    else this.kernels.run.brush_paint_spans(slot.out, slot.old, slot.cov, slot.sel, this.spans, rgb, opacity, this.layer.lock_alpha ? 1 : 0);
  }

  /** The rows of a tile as the layers show it with the stroke in it. */
  compose(slot, x, y, y0, y1) {
    const { kernels, layer } = this;
    const from = 4 * y0 * TILE;
    const n = (y1 - y0) * TILE;
    if (!this.apart) {
      const before = this.plane.at(x, y);
      this.plane.put(x, y, kernels.bytes(slot.out, this.size).slice());
      this.shown.take(x, y, this.shown.composed(x, y));
      this.plane.restore(x, y, before);
      return;
    }
    // Groups and masks above are drawn for whole tiles: these rows begin anew, all of them.
    if (!this.plain) for (let row = y0; row < y1; row++) kernels.numbers(this.spans + 8 * row, 2).set([0, TILE]);
    const own = layer.visible ? slot.out : 0;
    kernels.run.composite_spans(slot.shown, slot.below, own, slot.mask, this.spans, layer.opacity, modeNumber(layer.mode));
    const mark = kernels.next;
    this.drawAbove(slot, x, y);
    kernels.reset(mark);
    if (!slot.whole) this.shown.cut(kernels.all, slot.shown, x, y);
    slot.tile = this.shown.tileForUpdate(x, y);
    slot.tile.set(kernels.bytes(slot.shown + from, 4 * n), from);
  }

  at(x, y) {
    return { x, y, level: 0, size: this.document.size };
  }

  drawAbove(slot, x, y) {
    const { kernels, above } = this;
    if (!this.plain) {
      draw(kernels, slot.shown, above, this.at(x, y));
      return;
    }
    for (const layer of above) {
      if (!layer.visible || !layer.pixels.has(x, y)) continue;
      const source = this.held(slot, layer, x, y);
      kernels.run.composite_spans(slot.shown, 0, source, 0, this.spans, layer.opacity, modeNumber(layer.mode));
    }
  }

  /** A layer's tile in the slot's own memory where there is one, so that it is copied once a stroke. */
  held(slot, layer, x, y) {
    slot.above ??= new Map();
    if (!slot.above.has(layer.id)) {
      if (slot.above.size) return layer.pixels.putInto(this.kernels, x, y);
      layer.pixels.at(x, y).into(this.kernels, slot.over);
      slot.above.set(layer.id, slot.over);
    }
    return slot.above.get(layer.id);
  }

  slot(x, y) {
    const key = y * 4096 + x;
    const found = this.slots.get(key);
    if (found) {
      this.slots.delete(key);
      this.slots.set(key, found);
      return found;
    }
    const slot = this.slots.size < SLOTS ? this.newSlot() : this.reuse();
    this.fill(slot, x, y, key);
    this.slots.set(key, slot);
    return slot;
  }

  newSlot() {
    const { kernels } = this;
    const [cov, old, out, sel, mask] = [2 * PIXELS, this.size, this.size, PIXELS, PIXELS].map((n) => kernels.room(n));
    const [below, shown, over] = [0, 0, 0].map(() => kernels.room(4 * PIXELS));
    return { cov, old, out, selAt: sel, maskAt: mask, below, shown, over, tile: null };
  }

  reuse() {
    const [key, slot] = this.slots.entries().next().value;
    this.slots.delete(key);
    this.spilled.set(key, { cov: this.kernels.bytes(slot.cov, 2 * PIXELS).slice(), out: this.painted(slot) });
    return slot;
  }

  fill(slot, x, y, key) {
    const { kernels, document, layer } = this;
    const spilled = this.spilled.get(key);
    kernels.all.set(this.plane.get(x, y), slot.old);
    if (spilled) {
      kernels.all.set(spilled.cov, slot.cov);
      kernels.all.set(spilled.out, slot.out);
      this.spilled.delete(key);
    } else {
      kernels.all.fill(0, slot.cov, slot.cov + 2 * PIXELS);
      kernels.all.copyWithin(slot.out, slot.old, slot.old + this.size);
    }
    const { selection } = document;
    slot.sel = selection ? slot.selAt : 0;
    if (selection) kernels.all.set(selection.get(x, y), slot.selAt);
    slot.mask = layer.mask && layer.mask_on ? slot.maskAt : 0;
    if (slot.mask) kernels.all.set(layer.mask.get(x, y), slot.maskAt);
    slot.above = undefined;
    slot.whole = (x + 1) * TILE <= document.width && (y + 1) * TILE <= document.height;
    slot.opaque = false;
    slot.tile = null;
    if (!this.apart) return;
    // The plane is still as it was before the stroke; what is shown of this tile is not once it was touched.
    if (!this.touched.has(key)) this.shown.layAside(x, y, document.layers, true);
    this.touched.add(key);
    const before = this.shown.get(0, x, y); // drawing it may need more memory, after which older views are of no use
    kernels.all.set(before, slot.shown);
    kernels.all.fill(0, slot.below, slot.below + 4 * PIXELS);
    const mark = kernels.next;
    draw(kernels, slot.below, document.layers.slice(0, this.top), this.at(x, y), true);
    kernels.reset(mark);
    // What is opaque stays so whatever is laid over it, and needs no checkerboard under it.
    slot.opaque = slot.whole && isOpaque(kernels.bytes(slot.below, 4 * PIXELS));
  }

  /** Ends the stroke: the plane takes what was painted. Returns the samples of the operation.
   * Copying what lies in the kernels' memory takes longer than all else of it; `settle` does that, once the screen is right. */
  end() {
    const place = (key) => [key % 4096, Math.floor(key / 4096)];
    for (const [key, { out }] of this.spilled) this.plane.put(...place(key), out);
    this.spilled.clear();
    this.held = [...this.slots].map(([key, { out }]) => this.plane.hold(...place(key), this.kernels, out)).filter(Boolean);
    return Int32Array.from(this.samples);
  }

  /** Copies what the plane took, for some milliseconds. Returns whether all is done: then the memory is free. */
  settle(most = Infinity) {
    const end = performance.now() + most;
    while (this.held.length && performance.now() < end) this.held.pop().settle();
    if (!this.held.length) this.kernels.reset(this.mark);
    return !this.held.length;
  }

  painted({ out }) {
    return this.kernels.bytes(out, this.size).slice();
  }

  /** Gives the stroke up; the plane stays as it was. Returns the tiles to redraw. */
  abandon() {
    const touched = [...new Set([...this.slots.keys(), ...this.spilled.keys()])];
    this.kernels.reset(this.mark);
    return touched.map((key) => [key % 4096, Math.floor(key / 4096)]);
  }
}
