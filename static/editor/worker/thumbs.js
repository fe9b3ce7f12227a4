// Small pictures of layers for the list: sampled, since nobody reads pixels in them.
import { TILE } from './planes.js';

/** A layer, or its mask, as RGBA of at most `side` pixels. */
export function thumbOf(kernels, plane, [width, height], side) {
  const scale = Math.max(width, height) / side;
  const [w, h] = [Math.max(1, Math.round(width / scale)), Math.max(1, Math.round(height / scale))];
  const data = new Uint8ClampedArray(4 * w * h);
  const rows = sampled(height, h);
  // Tile by tile, so that one that is packed is read once and stays so.
  for (const [tx, columns] of sampled(width, w)) {
    for (const [ty, lines] of rows) {
      const mark = kernels.next;
      const tile = plane.at(tx, ty)?.raw ?? kernels.bytes(plane.putInto(kernels, tx, ty), TILE * TILE * plane.channels);
      for (const [y, py] of lines) {
        for (const [x, px] of columns) {
          const at = py * TILE + px;
          const to = 4 * (y * w + x);
          if (plane.channels === 4) for (let k = 0; k < 4; k++) data[to + k] = tile[4 * at + k];
          else data.set([tile[at], tile[at], tile[at], 255], to);
        }
      }
      kernels.reset(mark);
    }
  }
  return { width: w, height: h, data };
}

/** The places that `count` samples of a length take, by tile: [number of the sample, place in the tile]. */
function sampled(length, count) {
  const out = new Map();
  for (let i = 0; i < count; i++) {
    const at = Math.min(length - 1, Math.floor((i + 0.5) * length / count));
    if (!out.has(at >> 8)) out.set(at >> 8, []);
    out.get(at >> 8).push([i, at % TILE]);
  }
  return out;
}
