// Planes under a projection: each pixel is looked up where it comes from. The twin of editor/replay/geometry/warping.py.
import { Plane, TILE, intersection, placeOf, places } from './planes.js';
import { BYTES, pixelsOf, written } from './resizing.js';

export const METHODS = ['nearest', 'bilinear', 'bicubic'];
// Pixels a side from which a tile is made. Where it would be more, they are taken from a smaller level.
export const MOST_SIDE = 768;
export const LEVELS = 6;

/** What a projection makes of a plane, inside of a box. */
export function warped(kernels, plane, matrix, box, method) {
  const bounds = plane.bounds();
  const out = new Plane(plane.channels, plane.blank);
  if (!bounds) return out;
  const levels = [plane];
  const numbers = BigInt64Array.from(matrix, BigInt);
  const mark = kernels.next;
  for (const [column, row] of places(box)) {
    kernels.reset(mark);
    const part = intersection([column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE], box);
    const found = reachOf(kernels, numbers, part);
    const near = found ? intersection(found, bounds) : bounds;
    if (near[0] >= near[2] || near[1] >= near[3]) continue;
    let level = 0;
    while (Math.max(near[2] - near[0], near[3] - near[1]) >> level > MOST_SIDE && level < LEVELS) level++;
    const [x0, y0, x1, y1] = near.map((value, i) => (value >> level) + (i < 2 ? -2 : 3));
    while (levels.length <= level) levels.push(halved(kernels, levels.at(-1)));
    const source = pixelsOf(levels[level], [x0, y0, x1, y1]);
    written(out, part, drawnFrom(kernels, source, [x0, y0, x1, y1], plane.blank, numbers, part, level, METHODS.indexOf(method)));
  }
  kernels.reset(mark);
  return out;
}

/** The pixels of a part that are made of those of a box of a level; they lie in the kernels' memory. */
export function drawnFrom(kernels, source, [x0, y0, x1, y1], blank, numbers, part, level, method) {
  const { run } = kernels;
  const [width, height] = [part[2] - part[0], part[3] - part[1]];
  const count = width * height;
  const m = kernels.put(numbers);
  const [wide, made, done] = [kernels.room(2 * source.length), kernels.room(8 * count), kernels.room(4 * count)];
  run.filter_load(wide, kernels.put(source), source.length / 4);
  run.warp(made, wide, x0, y0, x1 - x0, y1 - y0, blank, m, part[0], part[1], width, height, level, method);
  run.filter_store(done, made, count);
  return kernels.bytes(done, 4 * count);
}

/** From which pixels those of a box are made; null where some of them lie beyond the horizon. */
export function reachOf(kernels, numbers, box) {
  const mark = kernels.next;
  const [at, m] = [kernels.room(16), kernels.put(numbers)];
  const all = kernels.run.warp_reach(at, m, ...box);
  const [x0, y0, x1, y1] = kernels.numbers(at, 4);
  kernels.reset(mark);
  return all ? [x0 - 2, y0 - 2, x1 + 2, y1 + 2] : null;
}

/** A plane half as large. */
export function halved(kernels, plane) {
  const out = new Plane(plane.channels, plane.blank);
  const mark = kernels.next;
  const keys = new Set([...plane.tiles.keys()].map(placeOf).map(([x, y]) => `${x >> 1} ${y >> 1}`));
  for (const [x, y] of [...keys].map((key) => key.split(' ').map(Number))) {
    const target = kernels.room(BYTES);
    for (const [qx, qy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const [left, top] = [(2 * x + qx) * TILE, (2 * y + qy) * TILE];
      kernels.run.tile_half(target, kernels.put(pixelsOf(plane, [left, top, left + TILE, top + TILE])), qx, qy);
    }
    written(out, [x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], kernels.bytes(target, BYTES));
    kernels.reset(mark);
  }
  return out;
}
