// The box of what is to be seen of a layer, to the pixel, or of what is selected of it.
import { find, walk } from './layers.js';
import { loadFor } from './later.js';
import { TILE, placeOf } from './planes.js';

/** [x0, y0, x1, y1], or null where there is nothing. */
export async function boundsOf({ document, kernels }, { layer: id }) {
  await loadFor([{ kind: 'transform', body: {} }], kernels); // what shows it while it is transformed
  const { selection } = document;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { pixels, mask, adjust } of walk([find(document.layers, id)])) {
    for (const [key, tile] of (adjust && mask ? mask : pixels).tiles) grow(box, placeOf(key), tile.bytes, adjust && mask ? 1 : 4, selection);
  }
  return box[0] < box[2] ? box : null;
}

function grow(box, [tx, ty], tile, channels, selection) {
  if (selection && !selection.has(tx, ty) && !selection.blank) return;
  const chosen = selection?.get(tx, ty);
  for (let i = 0, at = channels - 1; at < tile.length; i++, at += channels) {
    if (!tile[at] || (chosen && !chosen[i])) continue;
    const [x, y] = [tx * TILE + (i % TILE), ty * TILE + Math.floor(i / TILE)];
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x >= box[2]) box[2] = x + 1;
    if (y >= box[3]) box[3] = y + 1;
  }
}
