// Quick selection: what belongs to a stroke, found on a picture made smaller, then refined along its edge. The twin of
// editor/replay/quick.py.
import { PIXELS, Plane, TILE, intersection, places } from './planes.js';
import { Masks, cover, dabsOf, reached, touching } from './strokes.js';

const MARGIN = 6;
const LEAST_MARGIN = 64;
const MOST_PIXELS = 1 << 19;
const ROUNDS = 8;
const ROUNDS_ALONG_THE_EDGE = 3;
const SPACING = 64;
const HALF = 16384;
const UNSURE = 128;
const COLOURS = 4096;

/** The mask of what belongs to a stroke; radius and samples (x, y, pressure, …) in sixteenths, tile(x, y) the picture. */
export function quick(kernels, tile, size, radius, samples) {
  const mask = new Plane(1);
  const box = windowOf(samples, radius, size);
  if (box[0] >= box[2] || box[1] >= box[3]) return mask;
  const { level, small } = smallerBox(box);
  const marked = markedBy(kernels, radius, samples, small, level);
  const pixels = pictureOf(kernels, tile, size, small, level);
  const { found, tables } = grown(kernels, marked, pixels, small);
  if (level) refine(kernels, mask, tile, box, { small, level, sides: unsure(found, small), tables });
  else mask.write(box, found);
  return mask;
}

/** The part of the picture that is looked at. */
function windowOf(samples, radius, size) {
  const margin = Math.max(LEAST_MARGIN, Math.floor((MARGIN * radius) / 16));
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (let i = 0; i < samples.length; i += 3) {
    for (let k = 0; k < 2; k++) {
      low[k] = Math.min(low[k], samples[i + k]);
      high[k] = Math.max(high[k], samples[i + k]);
    }
  }
  const [x0, y0] = low.map((value) => Math.floor((value - radius) / 16) - margin);
  const [x1, y1] = high.map((value) => Math.ceil((value + radius) / 16) + margin);
  return intersection([x0, y0, x1, y1], [0, 0, ...size]);
}

/** How often the picture is halved, and the window in it. */
function smallerBox([x0, y0, x1, y1]) {
  for (let level = 0; ; level++) {
    const small = [x0 >> level, y0 >> level, -(-x1 >> level), -(-y1 >> level)];
    if ((small[2] - small[0]) * (small[3] - small[1]) <= MOST_PIXELS) return { level, small };
  }
}

/** Where the stroke is in the smaller picture: 255, else 0. */
function markedBy(kernels, radius, samples, small, level) {
  const brush = { radius: Math.max(8, radius >> level), hardness: 255, flow: 32767, spacing: SPACING, flags: 0 };
  const path = samples.map((value, i) => (i % 3 === 2 ? value : value >> level));
  const dabs = dabsOf(kernels, brush, path);
  const mark = kernels.next;
  const masks = new Masks(kernels, brush);
  const cov = kernels.room(2 * PIXELS);
  const marked = new Plane(1);
  for (const [x, y] of reached(dabs, small)) {
    kernels.all.fill(0, cov, cov + 2 * PIXELS);
    cover(kernels, masks, cov, touching(dabs, x, y, small), x, y);
    const covered = new Uint16Array(kernels.memory.buffer, cov, PIXELS);
    marked.put(x, y, Uint8Array.from(covered, (value) => (value >= HALF ? 255 : 0)));
  }
  kernels.reset(mark);
  return marked.read(small);
}

function pictureOf(kernels, tile, size, small, level) {
  const out = new Plane();
  for (const [x, y] of places(small)) out.put(x, y, smaller(kernels, tile, size, level, x, y));
  return out.read(small);
}

/** A tile of the picture halved so many times; what lies outside of the document is transparent. */
function smaller(kernels, tile, size, level, x, y) {
  if (!level) return tile(x, y);
  const side = TILE << (level - 1);
  const parts = [0, 1, 2, 3].map((quarter) => {
    const [px, py] = [2 * x + (quarter & 1), 2 * y + (quarter >> 1)];
    return px * side >= size[0] || py * side >= size[1] ? null : smaller(kernels, tile, size, level - 1, px, py);
  });
  const mark = kernels.next;
  const target = kernels.put(new Uint8Array(4 * PIXELS));
  parts.forEach((part, quarter) => {
    if (part) kernels.run.tile_half(target, kernels.put(part), quarter & 1, quarter >> 1);
  });
  const made = kernels.bytes(target, 4 * PIXELS).slice();
  kernels.reset(mark);
  return made;
}

/** What belongs to the stroke, and the tables of both sides' colours. */
function grown(kernels, marked, pixels, [x0, y0, x1, y1]) {
  const mark = kernels.next;
  const at = kernels.put(marked);
  const cost = kernels.room(2 * marked.length);
  const [tables, counts, picture] = [kernels.room(2 * COLOURS), kernels.room(4 * COLOURS), kernels.put(pixels)];
  kernels.run.quick_select(at, cost, tables, counts, picture, x1 - x0, y1 - y0, ROUNDS);
  const out = { found: kernels.bytes(at, marked.length).slice(), tables: kernels.bytes(tables, 2 * COLOURS).slice() };
  kernels.reset(mark);
  return out;
}

/** The same with UNSURE wherever a pixel and its eight neighbours are not all alike. */
function unsure(found, [x0, y0, x1, y1]) {
  const [w, h] = [x1 - x0, y1 - y0];
  const out = found.slice();
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const own = found[y * w + x];
      for (let v = Math.max(0, y - 1); v <= Math.min(h - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(w - 1, x + 1); u++) if (found[v * w + u] !== own) out[y * w + x] = UNSURE;
      }
    }
  }
  return out;
}

/** Writes what is sure, enlarged, and decides the rest at full size: tile by tile, with what lies around each. */
function refine(kernels, mask, tile, box, coarse) {
  const margin = 2 << coarse.level;
  let near = new Map(); // the tiles of three rows
  for (const [x, y] of places(box)) {
    const own = intersection([x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], box);
    const values = enlarged(coarse, own);
    if (!values.includes(UNSURE)) {
      mask.write(own, values);
      continue;
    }
    const wide = intersection([own[0] - margin, own[1] - margin, own[2] + margin, own[3] + margin], box);
    near = new Map([...near].filter(([, kept]) => kept.y >= y - 1));
    const picture = new Plane();
    for (const [px, py] of places(wide)) {
      const name = `${px} ${py}`;
      if (!near.has(name)) near.set(name, { y: py, pixels: tile(px, py) });
      picture.put(px, py, near.get(name).pixels);
    }
    mask.write(own, decided(kernels, coarse, picture.read(wide), own, wide));
  }
}

/** The values of a box, decided with what lies around it. */
function decided(kernels, coarse, pixels, own, wide) {
  const [w, h] = [wide[2] - wide[0], wide[3] - wide[1]];
  const mark = kernels.next;
  const at = kernels.put(enlarged(coarse, wide));
  const cost = kernels.room(2 * w * h);
  kernels.run.quick_refine(at, cost, kernels.put(coarse.tables), kernels.put(pixels), w, h, ROUNDS_ALONG_THE_EDGE);
  const out = new Uint8Array((own[2] - own[0]) * (own[3] - own[1]));
  for (let y = own[1]; y < own[3]; y++) {
    const from = at + (y - wide[1]) * w + own[0] - wide[0];
    out.set(kernels.bytes(from, own[2] - own[0]), (y - own[1]) * (own[2] - own[0]));
  }
  kernels.reset(mark);
  return out;
}

function enlarged({ sides, small, level }, [x0, y0, x1, y1]) {
  const w = small[2] - small[0];
  const out = new Uint8Array((x1 - x0) * (y1 - y0));
  let at = 0;
  for (let y = y0; y < y1; y++) {
    const row = ((y >> level) - small[1]) * w - small[0];
    for (let x = x0; x < x1; x++) out[at++] = sides[row + (x >> level)];
  }
  return out;
}
