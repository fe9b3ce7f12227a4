// Planes made larger or smaller by the kernels, in blocks so that memory is bounded. The twin of editor/replay/geometry/resizing.py.
import { PIXELS, Plane, TILE, places } from './planes.js';

export const METHODS = ['nearest', 'bilinear', 'lanczos'];
const MARGIN = 3; // pixels around what is there into which Lanczos swings
const STRIP = 64; // rows of the source that are worked on at once

/** A plane of a document of a size as it is when the document has the new one. What lies in the document is made of nothing beside it. */
export function resized(kernels, plane, size, after, method) {
  const bounds = plane.bounds();
  if (!bounds) return new Plane(plane.channels, plane.blank);
  if (size.join() === after.join()) return plane.copy();
  const out = new Plane(plane.channels, plane.blank);
  const [columns, rows] = [0, 1].map((axis) => new Side(size[axis], after[axis], bounds[axis], bounds[axis + 2], METHODS.indexOf(method)));
  const mark = kernels.next;
  for (const [left, right] of columns.blocks()) {
    resizeBlock(kernels, plane, out, columns, rows, left, right);
    kernels.reset(mark);
  }
  return out;
}

/** A side of a document that gets another length; there is something from `from` to `to`. */
class Side {
  constructor(before, after, from, to, method) {
    Object.assign(this, { before, after, method, low: from - 1, high: to + 1 });
    this.most = Math.ceil(Math.max(before, after) / after); // pixels that one is made of, at a third of what may count
    // What lay beside a document that was one pixel wide would be without bounds when it is enlarged.
    this.first = Math.max(-after, Math.floor((from * after) / before) - MARGIN);
    this.last = Math.min(2 * after, Math.ceil((to * after) / before) + MARGIN);
  }

  /** The pixels afterwards, tile by tile. */
  blocks() {
    const out = [];
    if (this.first >= this.last) return out;
    for (let tile = Math.floor(this.first / TILE); tile < Math.ceil(this.last / TILE); tile++) {
      out.push([Math.max(this.first, tile * TILE), Math.min(this.last, (tile + 1) * TILE)]);
    }
    return out;
  }

  /** From where to where the pixels lie that others are made of. */
  sources(first, last) {
    const reach = 3 * this.most + 2;
    const low = Math.floor((first * this.before) / this.after) - reach;
    const high = Math.ceil((last * this.before) / this.after) + reach;
    return [Math.max(low, this.low), Math.min(high, this.high)];
  }

  /** The addresses of what `resize_taps` gives. */
  taps(kernels, first, last) {
    const count = last - first;
    const [starts, pairs] = [kernels.room(4 * (count + 1)), kernels.room(8 * count * (6 * this.most + 3))];
    kernels.run.resize_taps(starts, pairs, this.before, this.after, first, count, this.method);
    return [starts, pairs];
  }
}

/** Makes some columns: rows are resized strip by strip first, then the columns of all of them. */
function resizeBlock(kernels, plane, out, columns, rows, left, right) {
  const { run } = kernels;
  const [x0, x1] = columns.sources(left, right);
  const [y0, y1] = rows.sources(rows.first, rows.last);
  if (x0 >= x1 || y0 >= y1 || ![...places([x0, y0, x1, y1])].some(([x, y]) => plane.has(x, y))) return;
  const [width, n] = [right - left, x1 - x0];
  const middle = kernels.room(8 * width * (y1 - y0));
  const [starts, pairs] = columns.taps(kernels, left, right);
  const mark = kernels.next;
  for (let top = y0; top < y1; top += STRIP) {
    const count = Math.min(STRIP, y1 - top);
    const source = kernels.put(pixelsOf(plane, [x0, top, x1, top + count]));
    const wide = kernels.room(8 * n * count);
    run.filter_load(wide, source, n * count);
    run.resize_rows(middle + 8 * width * (top - y0), wide, n, count, x0, starts, pairs, width);
    kernels.reset(mark);
  }
  for (const [top, below] of rows.blocks()) {
    const [first, last] = rows.sources(top, below);
    if (first >= last) continue;
    const [from, taps] = rows.taps(kernels, top, below);
    const count = width * (below - top);
    const [wide, done] = [kernels.room(8 * count), kernels.room(4 * count)];
    run.resize_columns(wide, middle + 8 * width * (first - y0), width, last - first, first, from, taps, below - top);
    run.filter_store(done, wide, count);
    written(out, [left, top, right, below], kernels.bytes(done, 4 * count));
    kernels.reset(mark);
  }
}

/** A box as pixels; of a mask they are black with its values as alpha. */
export function pixelsOf(plane, box) {
  const values = plane.read(box);
  if (plane.channels === 4) return values;
  const out = new Uint8Array(4 * values.length);
  for (let i = 0; i < values.length; i++) out[4 * i + 3] = values[i];
  return out;
}

/** Puts pixels at a box, of a mask their alpha. */
export function written(plane, box, values) {
  if (plane.channels === 4) {
    plane.write(box, values);
    return;
  }
  const alphas = new Uint8Array(values.length / 4);
  for (let i = 0; i < alphas.length; i++) alphas[i] = values[4 * i + 3];
  plane.write(box, alphas);
}

export const BYTES = 4 * PIXELS;
