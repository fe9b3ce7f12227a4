// Smudging: dab after dab, each taking up and leaving paint. The twin of editor/replay/retouch/smudging.py.
import { PIXELS, TILE, intersection, places } from '../planes.js';
import { Masks } from '../strokes.js';

const SLOTS = 192; // tiles that are held in the kernels' memory at once

/** Paint that dabs carry along, whatever pieces the stroke comes in. */
export class Carry {
  constructor(kernels, masks, side) {
    Object.assign(this, { kernels, masks, side, at: kernels.room(10 * side * side) });
    kernels.all.fill(0, this.at, this.at + 10 * side * side);
  }

  /** Lays dabs on; tile(x, y) gives { out, sel } of a tile, the addresses of its pixels and its selection (0 without one);
   * touched(x, y, box) hears what a dab may have changed. */
  lay(dabs, [width, height], rate, keep, tile, touched = () => {}) {
    const { kernels, side, at } = this;
    this.masks.inPieces(dabs, (piece, addresses) => {
      addresses.forEach((mask, i) => {
        const [left, top, w, flow] = piece.subarray(7 * i + 3, 7 * i + 7);
        if (w !== side) throw new RangeError('dabs that smudge are of one size');
        for (const [x, y] of places(intersection([left, top, left + w, top + w], [0, 0, width, height]))) {
          const { out, sel } = tile(x, y);
          const [dx, dy] = [x * TILE, y * TILE];
          kernels.run.smudge(out, sel, at, mask, w, left - dx, top - dy, width - dx, height - dy, rate, flow, keep);
          touched(x, y, intersection([left - dx, top - dy, left - dx + w, top - dy + w], [0, 0, TILE, TILE]));
        }
      });
    });
  }
}

/** Smudges a layer along dabs of one size. rate 0..255: how much of its paint a dab takes along. */
export function smudged({ kernels, selection, size }, plane, brush, dabs, rate, keep) {
  if (!dabs.length) return;
  const mark = kernels.next;
  const carry = new Carry(kernels, new Masks(kernels, brush), dabs[5]);
  const held = new Map();
  const giveBack = (key) => plane.put(...key.split(' ').map(Number), kernels.bytes(held.get(key).out, 4 * PIXELS).slice());
  const free = () => {
    if (held.size < SLOTS) return { out: kernels.room(4 * PIXELS), sel: selection ? kernels.room(PIXELS) : 0 };
    const key = held.keys().next().value;
    const slot = held.get(key);
    giveBack(key);
    held.delete(key);
    return slot;
  };
  carry.lay(dabs, size, rate, keep, (x, y) => {
    const key = `${x} ${y}`;
    let slot = held.get(key);
    if (!slot) {
      slot = free();
      kernels.all.set(plane.get(x, y), slot.out);
      if (selection) kernels.all.set(selection.get(x, y), slot.sel);
    } else held.delete(key);
    held.set(key, slot);
    return slot;
  });
  for (const key of held.keys()) giveBack(key);
  kernels.reset(mark);
}
