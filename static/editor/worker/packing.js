// What was not used for longest is packed, so that ten full layers fit into a tab. Loaded when there are so many tiles.
import { MOST, PIXELS, TILE, isOpaque, known } from './tiles.js';

const NOISY = 1.5 * PIXELS; // bytes
const SLICE = 5; // ms of packing at once
const PAUSE = 20; // ms between, in which a pen goes first

/** Keeps a tile packed, where that is smaller. The part `areas` of the kernels is there. */
export function pack(kernels, tile) {
  if (!tile.packed) {
    const mask = tile.size === PIXELS;
    if (!mask) tile.solid ??= isOpaque(tile.raw);
    const mark = kernels.next;
    const from = kernels.put(tile.raw);
    const room = kernels.room(6 * PIXELS); // the most that a tile can take
    const other = kernels.room(4 * PIXELS);
    // A photograph's noise takes less in whole bits of each channel, which are there again sooner too; then the other codec,
    // which takes five times as long, isn't asked.
    const rough = tile.solid ? kernels.run.rough_encode(other, from, TILE) : Infinity;
    const length = rough < Infinity && rough > NOISY ? Infinity : kernels.run[mask ? 'mask_encode' : 'tile_encode'](room, from, PIXELS);
    tile.rough = rough < length;
    if (Math.min(length, rough) < tile.size) tile.packed = kernels.bytes(tile.rough ? other : room, Math.min(length, rough)).slice();
    kernels.reset(mark);
  }
  if (tile.packed) tile.raw = null;
}

/** The tiles to pack, those first that were not used for longest. */
function surplus() {
  const alive = known.filter((reference) => reference.deref());
  known.splice(0, known.length, ...alive);
  const raw = alive.map((reference) => reference.deref()).filter((tile) => tile?.raw);
  let over = raw.reduce((sum, tile) => sum + tile.size, 0) - MOST * 4 * PIXELS;
  if (over <= 0) return [];
  raw.sort((a, b) => a.used - b.used);
  return raw.slice(0, raw.findIndex((tile) => (over -= tile.size) <= 0) + 1);
}

/** Packs what is too much, at once. */
export async function packNow(kernels) {
  await kernels.add('areas');
  for (const tile of surplus()) pack(kernels, tile);
}

/** The same, a few milliseconds at a time, while `idle()`. */
export async function packSlowly(kernels, idle) {
  await kernels.add('areas');
  let begun = performance.now();
  for (const tile of surplus()) {
    if (performance.now() - begun > SLICE) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (!idle()) return;
      begun = performance.now();
    }
    pack(kernels, tile);
  }
}
