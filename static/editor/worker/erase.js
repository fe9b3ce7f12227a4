// Erase without a model: a hole is filled from its surroundings, coarse to fine. The twin of editor/replay/erase.py, and of
// `erased` in filling.py.
import { intersection } from './planes.js';

const SMALLEST_LEVEL = 24; // pixels along the shorter side of the coarsest level
const ROUNDS = 6;
const CONTEXT = 96;
const SMALLEST = 8;

/** Fills what is selected of a layer from around it; a softer edge of the selection mixes old and new. */
export function erased(kernels, pixels, selection, size, seed) {
  const box = contextOf(selection, size);
  if (!box) return;
  const before = pixels.read(box);
  const mask = selection.read(box);
  const after = fillHole(kernels, before, mask, [box[2] - box[0], box[3] - box[1]], seed);
  const mark = kernels.next;
  const d = kernels.put(before);
  kernels.run.mix(d, kernels.put(after), kernels.put(mask), mask.length, 255);
  pixels.write(box, kernels.bytes(d, before.length));
  kernels.reset(mark);
}

/** The box of what is selected, to the pixel, and what around it the filling may take from. */
function contextOf(selection, [width, height]) {
  const bounds = selection.bounds();
  if (!bounds) return null;
  const box = intersection(bounds, [0, 0, width, height]);
  const values = selection.read(box);
  const columns = box[2] - box[0];
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  values.forEach((value, i) => {
    if (!value) return;
    const x = box[0] + (i % columns);
    const y = box[1] + Math.floor(i / columns);
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x + 1);
    y1 = Math.max(y1, y + 1);
  });
  if (x0 > x1) return null;
  const margin = Math.max(CONTEXT, Math.floor((x1 - x0) / 2), Math.floor((y1 - y0) / 2));
  const wide = intersection([x0 - margin, y0 - margin, x1 + margin, y1 + margin], [0, 0, width, height]);
  return Math.min(wide[2] - wide[0], wide[3] - wide[1]) >= SMALLEST ? wide : null;
}

/** px (RGBA, size [w, h]) with what `hole` marks filled from around it; all else is unchanged. */
export function fillHole(kernels, px, hole, [width, height], seed) {
  const levels = [{ px, hole, w: width, h: height }];
  while (Math.min(levels.at(-1).w, levels.at(-1).h) >= 2 * SMALLEST_LEVEL) levels.push(half(levels.at(-1)));
  let below = levels.pop();
  let done = level(kernels, below, null, seed);
  while (levels.length) {
    const above = levels.pop();
    done = level(kernels, ...enlarged(above, done, below), seed);
    below = above;
  }
  return done.px;
}

/** The level below: means of what is no hole; a pixel with nothing else under it is hole. Odd edges are left out. */
function half({ px, hole, w, h }) {
  const [width, height] = [Math.floor(w / 2), Math.floor(h / 2)];
  const out = { px: new Uint8Array(4 * width * height), hole: new Uint8Array(width * height), w: width, h: height };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const four = [0, 1, w, w + 1].map((step) => 2 * y * w + 2 * x + step).filter((i) => !hole[i]);
      const at = y * width + x;
      if (!four.length) {
        out.hole[at] = 255;
        continue;
      }
      for (let c = 0; c < 4; c++) {
        const sum = four.reduce((total, i) => total + px[4 * i + c], 0);
        out.px[4 * at + c] = Math.floor((sum + Math.floor(four.length / 2)) / four.length);
      }
    }
  }
  return out;
}

/** The level above, its hole and its matches begun with those of the level below. */
function enlarged({ px, hole, w, h }, done, below) {
  const began = px.slice();
  const match = new Int32Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = y * w + x;
      const from = Math.min(y >> 1, below.h - 1) * below.w + Math.min(x >> 1, below.w - 1);
      if (hole[at]) began.set(done.px.subarray(4 * from, 4 * from + 4), 4 * at);
      const row = Math.floor(done.match[from] / below.w);
      const column = done.match[from] % below.w;
      match[at] = (row * 2 + (y % 2)) * w + column * 2 + (x % 2);
    }
  }
  return [{ px: began, hole, w, h }, match];
}

function level(kernels, { px, hole, w, h }, match, seed) {
  const mark = kernels.next;
  const picture = kernels.put(px);
  const matches = kernels.room(4 * w * h);
  if (match) kernels.numbers(matches, w * h).set(match);
  else kernels.numbers(matches, w * h).fill(0);
  const [mask, near, sums] = [kernels.put(hole), kernels.room(w * h), kernels.room(20 * w * h)];
  kernels.run.erase_level(picture, mask, near, matches, sums, w, h, ROUNDS, seed, match ? 0 : 1);
  const done = { px: kernels.bytes(picture, px.length).slice(), match: kernels.numbers(matches, w * h).slice() };
  kernels.reset(mark);
  return done;
}
