// Selections: outlines, colours and joined areas become a mask. The twin of editor/replay/selecting.py.
import { PIXELS, Plane, TILE, intersection, placeOf, places } from './planes.js';

const COMBINE = { replace: 0, add: 1, subtract: 2, intersect: 3 };
const BAND = 256;
const STACK = 1 << 20;
const newMask = (blank = 0) => new Plane(1, blank);

/** The mask of a closed outline; points x, y in sixteenths, one after the other. */
export function outline(kernels, points, [width, height]) {
  const mask = newMask();
  if (points.length < 6) return mask;
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const least = (values) => values.reduce((a, b) => Math.min(a, b));
  const most = (values) => values.reduce((a, b) => Math.max(a, b));
  const reach = [Math.floor(least(xs) / 16), Math.floor(least(ys) / 16), Math.ceil(most(xs) / 16), Math.ceil(most(ys) / 16)];
  const [x0, y0, x1, y1] = intersection(reach, [0, 0, width, height]);
  if (x0 >= x1 || y0 >= y1) return mask;
  const shifted = Int32Array.from(points, (value, i) => (i % 2 ? value : value - x0 * 16));
  const mark = kernels.next;
  for (let top = y0; top < y1; top += BAND) {
    const rows = Math.min(BAND, y1 - top);
    const columns = x1 - x0;
    kernels.reset(mark);
    const out = kernels.room(rows * columns);
    const cells = kernels.room(8 * (columns + 2) * rows);
    kernels.run.shape_fill(out, cells, kernels.put(shifted), shifted.length / 2, columns, top, rows);
    mask.write([x0, top, x1, top + rows], kernels.bytes(out, rows * columns));
  }
  kernels.reset(mark);
  return mask;
}

/** The mask of a box of whole pixels. */
export function rectangle(box, [width, height]) {
  const mask = newMask();
  const [x0, y0, x1, y1] = intersection(box, [0, 0, width, height]);
  if (x0 < x1 && y0 < y1) mask.write([x0, y0, x1, y1], new Uint8Array((x1 - x0) * (y1 - y0)).fill(255));
  return mask;
}

/** The mask of pixels like a colour; tile(x, y) gives the pixels. */
export function similar(kernels, tile, size, rgba, tolerance, soft) {
  const mask = newMask();
  const mark = kernels.next;
  for (const [x, y] of places([0, 0, ...size])) {
    const source = kernels.put(tile(x, y));
    const out = kernels.room(PIXELS);
    kernels.run.mask_similar(out, source, PIXELS, rgba, tolerance, soft);
    mask.put(x, y, kernels.bytes(out, PIXELS).slice());
    kernels.reset(mark);
  }
  return within(mask, size);
}

/** What of a mask of 0 and 255 is joined to a pixel. */
export function joined(kernels, mask, [width, height], x, y) {
  const mark = kernels.next;
  const at = kernels.put(mask.read([0, 0, width, height]));
  kernels.run.mask_flood(at, width, height, x, y, kernels.room(4 * STACK), STACK);
  const found = newMask();
  found.write([0, 0, width, height], kernels.bytes(at, width * height));
  kernels.reset(mark);
  return found;
}

/** A selection combined with a new mask; no selection counts as nothing selected. */
export function combined(kernels, selection, mask, how, size) {
  const before = selection ?? newMask();
  const out = newMask();
  const mark = kernels.next;
  for (const [x, y] of places([0, 0, ...size])) {
    if (!before.blank && !before.has(x, y) && !mask.has(x, y)) continue;
    const d = kernels.put(before.get(x, y));
    kernels.run.mask_combine(d, kernels.put(mask.get(x, y)), PIXELS, COMBINE[how]);
    out.put(x, y, kernels.bytes(d, PIXELS).slice());
    kernels.reset(mark);
  }
  return out;
}

/** Everything of the document that is not selected. */
export function inverted(kernels, selection, size) {
  const out = newMask();
  const mark = kernels.next;
  for (const [x, y] of places([0, 0, ...size])) {
    const at = kernels.put(selection.get(x, y));
    kernels.run.mask_invert(at, PIXELS);
    out.put(x, y, kernels.bytes(at, PIXELS).slice());
    kernels.reset(mark);
  }
  return within(out, size);
}

/** A selection grown by a radius in pixels, or shrunk by a negative one; its edge becomes hard. */
export function grown(kernels, selection, size, radius) {
  if (radius < 0) return inverted(kernels, grown(kernels, inverted(kernels, selection, size), size, -radius), size);
  const box = around(selection, size, radius);
  if (!box || !radius) return selection;
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  return worked(kernels, selection, box, (at) => {
    kernels.run.mask_grow(at, kernels.room(2 * width * height), kernels.room(8 * width), width, height, radius);
  });
}

/** A selection whose edge is softened over about three times a radius on either side. */
export function feathered(kernels, selection, size, radius) {
  const box = around(selection, size, 3 * radius);
  if (!box || !radius) return selection;
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  return worked(kernels, selection, box, (at) => {
    kernels.run.mask_feather(at, kernels.room(width * height), width, height, radius, 0);
  });
}

/** A mask without what lies outside of the document. */
export function within(mask, [width, height]) {
  for (const key of [...mask.tiles.keys()]) {
    const [x, y] = placeOf(key);
    const [right, below] = [Math.max(0, width - x * TILE), Math.max(0, height - y * TILE)];
    if (right >= TILE && below >= TILE) continue;
    const tile = mask.get(x, y).slice();
    if (below < TILE) tile.fill(0, below * TILE);
    if (right < TILE) for (let row = 0; row < TILE; row++) tile.fill(0, row * TILE + right, (row + 1) * TILE);
    mask.put(x, y, tile);
  }
  return mask;
}

/** A layer's alpha as a mask, inside of the document. */
export const alphaOf = (pixels, size) => within(alphas(pixels), size);

/** The alpha of pixels as a mask. */
export function alphas(pixels) {
  const mask = newMask();
  for (const key of pixels.tiles.keys()) {
    const tile = pixels.get(...placeOf(key));
    const alpha = new Uint8Array(PIXELS);
    for (let i = 0; i < PIXELS; i++) alpha[i] = tile[4 * i + 3];
    mask.put(...placeOf(key), alpha);
  }
  return mask;
}

function around(mask, [width, height], margin) {
  const bounds = mask.blank ? [0, 0, width, height] : mask.bounds();
  if (!bounds) return null;
  const wide = [bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin];
  const box = intersection(wide, [0, 0, width, height]);
  return box[0] < box[2] && box[1] < box[3] ? box : null;
}

function worked(kernels, selection, box, work) {
  const mark = kernels.next;
  const values = selection.read(box);
  const at = kernels.put(values);
  work(at);
  const mask = newMask();
  mask.write(box, kernels.bytes(at, values.length));
  kernels.reset(mark);
  return mask;
}
