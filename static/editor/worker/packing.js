// What was not used for longest is packed, so that ten full layers fit into a tab. Loaded when there are so many tiles.
import { MOST, PIXELS, known } from './tiles.js';

const SLICE = 5; // ms of packing at once
const PAUSE = 20; // ms between, in which a pen goes first

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
export function packNow() {
  for (const tile of surplus()) tile.pack();
}

/** The same, a few milliseconds at a time, while `idle()`. */
export async function packSlowly(idle) {
  let begun = performance.now();
  for (const tile of surplus()) {
    if (performance.now() - begun > SLICE) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (!idle()) return;
      begun = performance.now();
    }
    tile.pack();
  }
}
