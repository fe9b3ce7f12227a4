// What generative tools ask about the selection: the pixels that it marks, and a small picture of it.
import { TILE, places } from './planes.js';

/** The box of every pixel that is selected, however little; null where none is. */
export function marked({ document: { selection, size } }) {
  if (!selection) return null;
  const [width, height] = size;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [tx, ty] of places([0, 0, width, height])) {
    const tile = selection.get(tx, ty);
    const [left, top] = [tx * TILE, ty * TILE];
    const columns = Math.min(TILE, width - left);
    for (let y = 0; y < Math.min(TILE, height - top); y++) {
      const row = tile.subarray(y * TILE, y * TILE + columns);
      const first = row.findIndex(Boolean);
      if (first < 0) continue;
      box[0] = Math.min(box[0], left + first);
      box[1] = Math.min(box[1], top + y);
      box[2] = Math.max(box[2], left + row.findLastIndex(Boolean) + 1);
      box[3] = Math.max(box[3], top + y + 1);
    }
  }
  return box[0] < box[2] ? box : null;
}

/** What was selected after an operation, inside of a box, as RGBA of at most `side` pixels that only has alpha; `hard`: whatever
 * was selected at all counts whole. Null where it isn't known. */
export function maskOf({ document, history }, { operation, box: [x0, y0, x1, y1], side, hard }) {
  const state = operation === history.head ? document : history.states.get(operation);
  if (!state?.selection) return null;
  const scale = Math.max(1, Math.max(x1 - x0, y1 - y0) / side);
  const [width, height] = [Math.ceil((x1 - x0) / scale), Math.ceil((y1 - y0) / scale)];
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [px, py] = [Math.floor(x0 + (x + 0.5) * scale), Math.floor(y0 + (y + 0.5) * scale)];
      if (px < 0 || py < 0 || px >= state.width || py >= state.height) continue;
      const value = state.selection.get(px >> 8, py >> 8)[(py & 255) * TILE + (px & 255)];
      data[4 * (y * width + x) + 3] = hard && value ? 255 : value;
    }
  }
  return { width, height, data };
}
