// Small pictures of the document under looks, each of which is some adjustments one after the other.
import { loadFor } from './later.js';
import { part } from './parts.js';
import { TILE } from './planes.js';

/** looks: lists of adjustments. Returns what the document shows, in at most `side` pixels, under each of them. */
export async function looks({ document, kernels, shown }, { looks: all, side }) {
  await loadFor([{ body: { adjust: {} } }], kernels);
  const { adjust } = part('adjustments');
  const { tile, width, height } = small(document, shown, Math.min(TILE, side));
  const at = { x: 0, y: 0, level: 0, size: [width, height] };
  return all.map((adjustments) => {
    const mark = kernels.next;
    const target = kernels.put(tile);
    for (const adjustment of adjustments) adjust(kernels, target, adjustment, 0, 255, 0, at, 0, height);
    const data = new Uint8ClampedArray(4 * width * height);
    for (let y = 0; y < height; y++) data.set(kernels.bytes(target + 4 * TILE * y, 4 * width), 4 * width * y);
    kernels.reset(mark);
    return { width, height, data };
  });
}

/** The picture in the left top corner of a tile: one pixel of the nearest larger level for each. */
function small(document, shown, side) {
  const longest = Math.max(...document.size);
  const level = Math.min(6, Math.max(0, Math.floor(Math.log2(longest / side))));
  const [width, height] = document.size.map((length) => Math.max(1, Math.round((length * side) / Math.max(side, longest))));
  const tile = new Uint8Array(4 * TILE * TILE);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const px = Math.floor(((x + 0.5) * document.width) / width) >> level;
      const py = Math.floor(((y + 0.5) * document.height) / height) >> level;
      const from = 4 * ((py % TILE) * TILE + (px % TILE));
      tile.set(shown.get(level, px >> 8, py >> 8).subarray(from, from + 4), 4 * (y * TILE + x));
    }
  }
  return { tile, width, height };
}
