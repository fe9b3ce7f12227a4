// The stroke in hand of a retouching tool: shown as it will be, except for healing, which is done when the pen is lifted. Until then
// the pixels that are taken are shown as they are, or where a spot is.
import { Impossible } from '../layers.js';
import { TILE } from '../planes.js';
import { dabsOf } from '../strokes.js';
import { AROUND, RING, isHealable } from './healing.js';
import { KINDS, layKernel, toneKernel } from './operations.js';
import { Carry } from './smudging.js';
import { BYTES, boxOf, pictureFor } from './sources.js';

const DABS = 65536;
const SMUDGE_COST = 15; // a dab that smudges costs as much as so many that paint: editor/log/paths.py
const MARK = [20, 20, 24, 110]; // what a spot is covered by while it is painted over
const MARGIN = { 'retouch.heal': RING, 'retouch.spot': AROUND };

/** The class of strokes in hand, from that of brushes, which knows how they are shown. */
export const strokeFrom = (LiveStroke) => class extends LiveStroke {
  constructor(document, shown, body, kind) {
    super(document, shown, body, kind);
    this.kernel = kind === 'retouch.tone' ? toneKernel(document, body) : layKernel(document, this.layer, body);
    this.source = this.sourceOf();
    this.carry = null;
    if (kind in MARGIN) this.heals = (operation) => this.heal(operation);
  }

  /** What gives the pixels to lay on a tile; null where none are laid. */
  sourceOf() {
    const { document, layer, body, kind } = this;
    if (kind === 'retouch.spot') {
      const mark = new Uint8Array(BYTES).map((_, i) => MARK[i % 4]);
      return () => mark;
    }
    if (kind !== 'retouch.clone' && kind !== 'retouch.heal') return null;
    const picture = pictureFor(document, layer, body);
    return (x, y) => picture.read(boxOf(x, y, body.dx, body.dy));
  }

  get isFull() {
    return super.isFull || (this.heals && !isHealable(this.samples, this.body.radius * 1.2, MARGIN[this.kind]));
  }

  /** Heals, now that all of the stroke is there; the layer is as it was before. */
  heal({ kind, body, blob }) {
    if (!isHealable(this.samples, body.radius, MARGIN[kind])) throw new Impossible('This area is too large to be healed at once. Heal it in parts.');
    KINDS[kind](this.document, body, blob);
  }

  newSlot() {
    return { ...super.newSlot(), src: this.source ? this.kernels.room(BYTES) : 0 };
  }

  fill(slot, x, y, key) {
    super.fill(slot, x, y, key);
    if (!this.source) return;
    const pixels = this.source(x, y);
    this.kernels.all.set(pixels, slot.src);
  }

  paint({ out, old, cov, sel, src }, y0, y1) {
    const rows = [y0 * TILE, (y1 - y0) * TILE];
    if (this.source) this.kernel(out, old, cov, sel, src, ...rows);
    else this.kernel(out, old, cov, sel, ...rows);
  }

  add(samples) {
    return this.kind === 'retouch.smudge' ? this.smudge(samples) : super.add(samples);
  }

  /** Dab after dab, over all tiles that each reaches; then what has changed of each tile is shown. */
  smudge(samples) {
    for (const value of samples) this.samples.push(value);
    const { kernels, document, body, layer } = this;
    const dabs = dabsOf(kernels, this.brush, samples, this.state, DABS);
    if (!dabs.length) return [];
    this.carry ??= new Carry(kernels, this.masks, dabs[5]);
    this.cost += SMUDGE_COST * (dabs.length / 7) * dabs[5] ** 2;
    const boxes = new Map();
    const touched = (x, y, [x0, y0, x1, y1]) => {
      const box = boxes.get(`${x} ${y}`)?.box ?? [TILE, TILE, 0, 0];
      boxes.set(`${x} ${y}`, { x, y, box: [Math.min(box[0], x0), Math.min(box[1], y0), Math.max(box[2], x1), Math.max(box[3], y1)] });
    };
    this.carry.lay(dabs, document.size, body.strength, layer.lock_alpha ? 1 : 0, (x, y) => this.slot(x, y), touched);
    return [...boxes.values()].map(({ x, y, box: [x0, y0, x1, y1] }) => {
      const slot = this.slot(x, y);
      const box = [x0 & ~3, y0, Math.min(TILE, (x1 + 3) & ~3), y1];
      for (let row = y0; row < y1; row++) kernels.numbers(this.spans + 8 * row, 2).set([box[0], box[2]]);
      this.compose(slot, x, y, y0, y1);
      return { x, y, box, tile: slot.tile, opaque: slot.opaque };
    });
  }
};
