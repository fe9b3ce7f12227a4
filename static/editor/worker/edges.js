// The edge of a selection, as lines between pixels that are in it and pixels that are not.
import { PIXELS, TILE } from './planes.js';

const HALF = 128;
const NOTHING = new Uint8Array(PIXELS);
const MOST = 40_000; // lines; a selection with more of them is shown by its box

/** The edge as x0, y0, x1, y1, … of whole pixels, and the selection's box; null where nothing is selected. */
export function edgesOf(mask, [width, height]) {
  const columns = Math.ceil(width / TILE);
  const down = Math.ceil(height / TILE);
  const lines = [];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const tileAt = (tx, ty) => (tx < 0 || ty < 0 || tx >= columns || ty >= down ? NOTHING : mask.get(tx, ty));
  for (let ty = 0; ty < down; ty++) {
    for (let tx = 0; tx < columns; tx++) {
      const own = tileAt(tx, ty);
      const kind = kindOf(own);
      const [x0, y0] = [tx * TILE, ty * TILE];
      const [w, h] = [Math.min(TILE, width - x0), Math.min(TILE, height - y0)];
      if (kind) grow(box, kind === 1 ? [x0, y0, x0 + w, y0 + h] : boxOf(own, x0, y0, x0 + w, y0 + h));
      const above = tileAt(tx, ty - 1);
      const left = tileAt(tx - 1, ty);
      // Inside of a tile that is all in or all out there is no edge; there may be one against its neighbours.
      const rows = kind === 2 ? h : kind !== kindOf(above) || kindOf(above) === 2 ? 1 : 0;
      for (let y = 0; y < rows; y++) {
        const before = y ? own : above;
        const [at, other] = [y * TILE, ((y - 1) & 255) * TILE];
        runs(w, (x) => own[at + x] >> 7 !== before[other + x] >> 7, (from, to) => lines.push(x0 + from, y0 + y, x0 + to, y0 + y));
      }
      const across = kind === 2 ? w : kind !== kindOf(left) || kindOf(left) === 2 ? 1 : 0;
      for (let x = 0; x < across; x++) {
        const before = x ? own : left;
        const other = (x - 1) & 255;
        runs(h, (y) => own[y * TILE + x] >> 7 !== before[y * TILE + other] >> 7, (from, to) => lines.push(x0 + x, y0 + from, x0 + x, y0 + to));
      }
    }
  }
  if (box[0] > box[2]) return null;
  const at = (x, y) => mask.get(x >> 8, y >> 8)[(y & 255) * TILE + (x & 255)] >= HALF;
  runs(width, (x) => at(x, height - 1), (from, to) => lines.push(from, height, to, height));
  runs(height, (y) => at(width - 1, y), (from, to) => lines.push(width, from, width, to));
  return { lines: lines.length > 4 * MOST ? frame(box) : Int32Array.from(lines), box };
}

/** Calls found(from, to) for each run of numbers below `count` for which something holds. */
function runs(count, holds, found) {
  let from = -1;
  for (let i = 0; i <= count; i++) {
    const here = i < count && holds(i);
    if (here && from < 0) from = i;
    else if (!here && from >= 0) {
      found(from, i);
      from = -1;
    }
  }
}

const kinds = new WeakMap();

/** 0: nothing of a tile is selected, 1: all of it, 2: some. */
function kindOf(tile) {
  let kind = kinds.get(tile);
  if (kind === undefined) {
    let inside = 0;
    for (let i = 0; i < PIXELS; i++) inside += tile[i] >> 7;
    kind = inside === 0 ? 0 : inside === PIXELS ? 1 : 2;
    kinds.set(tile, kind);
  }
  return kind;
}

function boxOf(tile, x0, y0, x1, y1) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (tile[(y - y0) * TILE + x - x0] < HALF) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
    }
  }
  return box;
}

function grow(box, [x0, y0, x1, y1]) {
  box[0] = Math.min(box[0], x0);
  box[1] = Math.min(box[1], y0);
  box[2] = Math.max(box[2], x1);
  box[3] = Math.max(box[3], y1);
}

const frame = ([x0, y0, x1, y1]) => Int32Array.from([x0, y0, x1, y0, x1, y0, x1, y1, x0, y1, x1, y1, x0, y0, x0, y1]);
