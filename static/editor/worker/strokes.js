// Strokes: samples of a pen become dabs, dabs become coverage, coverage changes a plane. The twin of editor/replay/strokes.py.
import { PIXELS, TILE, intersection, places } from './planes.js';

export const MOST_DABS = 400_000;
const PIECE = 4096;
export const SPANS = 2 * TILE + 4; // numbers that tell which pixels of a tile have changed; see editor/kernels/k1/span.c
const MASKS = 32 * 1024 * 1024;

/** What the stroke of an operation is drawn with. */
export const brushOf = ({ radius, hardness, spacing, flow = 32767, flags = 0 }) => ({ radius, hardness, flow, spacing, flags });

/** The dabs of samples (x, y, pressure, …), each {radius, px16, py16, left, top, w, flow}, as one Int32Array.
 * state: 5 numbers, zero at first; a path in pieces gives the dabs of the whole. */
export function dabsOf(kernels, brush, samples, state = new Int32Array(5), most = MOST_DABS) {
  const mark = kernels.next;
  const at = kernels.put(state);
  const path = kernels.put(samples);
  const room = kernels.room(12 * most);
  const count = kernels.run.brush_walk(at, path, samples.length / 3, brush.radius, brush.spacing, brush.flags, room, most);
  if (count < 0) {
    kernels.reset(mark);
    throw new RangeError('too many dabs');
  }
  const out = kernels.room(28 * Math.max(1, count));
  kernels.run.brush_place(out, room, count, brush.radius, brush.flow, brush.flags);
  const dabs = kernels.numbers(out, 7 * count).slice();
  state.set(kernels.numbers(at, 5));
  kernels.reset(mark);
  return dabs;
}

/** The masks of dabs in the kernels' memory, each made when it is first needed, all discarded when memory runs out. */
export class Masks {
  constructor(kernels, brush) {
    this.kernels = kernels;
    this.hardness = brush.hardness;
    this.lut = kernels.room(2 * 4096);
    this.lutRadius = 0;
    const largest = 2 * Math.ceil((brush.radius + 8) / 16) + 3;
    this.size = Math.max(brush.flags & 1 ? MASKS : 0, 2 * largest * largest * (brush.radius < 1024 ? 16 : 1) + 1024);
    this.begin = kernels.room(this.size);
    this.next = this.begin;
    this.known = new Map();
  }

  /** Calls `use(dabs, addresses)` with dabs whose masks are in memory together, in their order. */
  inPieces(dabs, use) {
    let begin = 0;
    let addresses = [];
    const flush = (end) => {
      if (end > begin) use(dabs.subarray(7 * begin, 7 * end), Int32Array.from(addresses));
      begin = end;
      addresses = [];
    };
    for (let i = 0; i < dabs.length / 7; i++) {
      const [radius, px, py, , , width] = dabs.subarray(7 * i, 7 * i + 6);
      const key = (radius * 16 + px) * 16 + py;
      if (addresses.length === PIECE) flush(i);
      if (!this.known.has(key)) {
        if (this.next + 2 * width * width + 16 > this.begin + this.size) {
          flush(i);
          this.known.clear();
          this.next = this.begin;
        }
        this.known.set(key, this.make(radius, px, py, width));
      }
      addresses.push(this.known.get(key));
    }
    flush(dabs.length / 7);
  }

  make(radius, px, py, width) {
    const at = this.next;
    this.next += Math.ceil((2 * width * width) / 16) * 16;
    if (radius !== this.lutRadius) {
      this.kernels.run.brush_profile(this.lut, radius, this.hardness);
      this.lutRadius = radius;
    }
    this.kernels.run.brush_mask(at, this.lut, width, radius, px, py);
    return at;
  }
}

/** The tiles inside `limit` that dabs reach, as [x, y]. */
export function reached(dabs, limit) {
  const found = new Set();
  const out = [];
  for (let i = 0; i < dabs.length; i += 7) {
    const [left, top, w] = [dabs[i + 3], dabs[i + 4], dabs[i + 5]];
    for (const [x, y] of places(intersection([left, top, left + w, top + w], limit))) {
      const key = x * 65536 + y;
      if (!found.has(key)) out.push([x, y]);
      found.add(key);
    }
  }
  return out;
}

/** The dabs that touch a tile inside `limit`, in their order. */
export function touching(dabs, x, y, limit) {
  const out = [];
  const [x0, y0, x1, y1] = intersection([x * TILE, y * TILE, x * TILE + TILE, y * TILE + TILE], limit);
  for (let i = 0; i < dabs.length; i += 7) {
    const [left, top, w] = [dabs[i + 3], dabs[i + 4], dabs[i + 5]];
    if (left < x1 && left + w > x0 && top < y1 && top + w > y0) out.push(...dabs.subarray(i, i + 7));
  }
  return Int32Array.from(out);
}

/** Adds dabs to the coverage of the tile (x, y), which lies at `cov`. */
export function cover(kernels, masks, cov, dabs, x, y) {
  const mark = kernels.next;
  masks.inPieces(dabs, (piece, addresses) => {
    kernels.run.brush_cover(cov, kernels.put(piece), kernels.put(addresses), addresses.length, x * TILE, y * TILE);
    kernels.reset(mark);
  });
}

/** The same, and `spans` holds what has changed; returns its box [x0, y0, x1, y1] in the tile, or null. */
export function coverSpans(kernels, masks, cov, dabs, x, y, spans) {
  const mark = kernels.next;
  let box = null;
  masks.inPieces(dabs, (piece, addresses) => {
    const begun = box && kernels.numbers(spans, SPANS).slice();
    const changed = kernels.run.brush_cover_spans(cov, kernels.put(piece), kernels.put(addresses), addresses.length, x * TILE, y * TILE, spans);
    kernels.reset(mark);
    const found = kernels.numbers(spans, SPANS);
    if (begun) for (let i = 0; i < SPANS; i++) found[i] = isFirst(i) ? Math.min(begun[i], found[i]) : Math.max(begun[i], found[i]);
    if (changed) box = [...found.subarray(2 * TILE)];
  });
  return box;
}

const isFirst = (i) => (i < 2 * TILE ? i % 2 === 0 : i < 2 * TILE + 2);

/** Draws a whole stroke into a plane: kernel(out, old, coverage, selection) changes each tile that it covers. */
export function drawStroke(kernels, plane, selection, brush, samples, size, kernel) {
  drawDabs(kernels, plane, selection, brush, dabsOf(kernels, brush, samples), size, kernel);
}

/** The same of dabs; the kernel is also told which tile it is: kernel(out, old, coverage, selection, 0, all its pixels, x, y). */
export function drawDabs(kernels, plane, selection, brush, dabs, [width, height], kernel) {
  const mark = kernels.next;
  const masks = new Masks(kernels, brush);
  const size = PIXELS * plane.channels;
  const [cov, old, out, sel] = [kernels.room(2 * PIXELS), kernels.room(size), kernels.room(size), kernels.room(PIXELS)];
  const limit = [0, 0, width, height];
  for (const [x, y] of reached(dabs, limit)) {
    if (selection && !selection.blank && !selection.has(x, y)) continue;
    kernels.all.fill(0, cov, cov + 2 * PIXELS);
    cover(kernels, masks, cov, touching(dabs, x, y, limit), x, y);
    kernels.all.set(plane.get(x, y), old);
    if (selection) kernels.all.set(selection.get(x, y), sel);
    kernel(out, old, cov, selection ? sel : 0, 0, PIXELS, x, y);
    plane.put(x, y, kernels.bytes(out, size).slice());
  }
  kernels.reset(mark);
}

/** The samples of a stroke's bytes: x and y as differences in zigzag varints, then pressure. */
export function unpack(blob) {
  const samples = [];
  let at = 0;
  let x = 0;
  let y = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = blob[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    throw new RangeError('the samples end early');
  };
  while (at < blob.length) {
    x += varint();
    y += varint();
    samples.push(x, y, blob[at++]);
  }
  return Int32Array.from(samples);
}

export function pack(samples) {
  const out = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < samples.length; i += 3) {
    for (const difference of [samples[i] - x, samples[i + 1] - y]) {
      let value = difference >= 0 ? difference * 2 : -difference * 2 - 1;
      while (value > 127) {
        out.push((value & 127) | 128);
        value = Math.floor(value / 128);
      }
      out.push(value);
    }
    [x, y] = [samples[i], samples[i + 1]];
    out.push(samples[i + 2]);
  }
  return Uint8Array.from(out);
}
