// Planes bent by a mesh: a grid of handles over a box that were moved, and all between them smoothly. The twin of
// editor/replay/geometry/meshing.py.
import { Plane, TILE, intersection, places } from './planes.js';
import { pixelsOf, written } from './resizing.js';
import { LEVELS, METHODS, MOST_SIDE, halved } from './warping.js';

const CELL = 4; // pixels of a side; twice as many where there would be too many cells
const MOST_CORNERS = 1 << 20;
const BLOCK = 16;
const MOST_READ = 2048; // pixels a side from which a tile is made that is folded

/** A grid of handles over a box, and how far each was moved. */
export class Mesh {
  constructor(box, { columns, rows, points }) {
    Object.assign(this, { box, columns, rows, points: Int32Array.from(points), step: CELL });
    const across = (i) => Math.ceil((box[i + 2] - box[i]) / this.step) + 3;
    while (across(0) * across(1) > MOST_CORNERS) this.step *= 2;
  }
}

/** A mesh as its cells come to lie, in fresh room of the kernels' memory. */
export class Laid {
  constructor(kernels, mesh) {
    Object.assign(this, { kernels, mesh });
    const { box: [x, y, x1, y1], step, columns, rows } = mesh;
    this.size = [x1 - x, y1 - y].map((side) => Math.ceil(side / step) + 3);
    const [nx, ny] = this.size;
    const blocks = Math.ceil((nx - 1) / BLOCK) * Math.ceil((ny - 1) / BLOCK);
    this.lattice = kernels.room(8 * nx * ny);
    this.blocks = kernels.room(16 * blocks);
    const reach = this.end = kernels.room(16);
    kernels.run.mesh_lattice(this.lattice, kernels.put(mesh.points), columns, rows, x, y, x1 - x, y1 - y, step);
    kernels.run.mesh_reach(this.blocks, reach, this.lattice, nx, ny);
    this.reach = [...kernels.numbers(reach, 4)].map((v, i) => (v >> 8) + (i > 1 ? 1 : 0));
  }

  /** A copy whose numbers lie beside the kernels' memory: `at(kernels)` puts them back; `numbers` is where the corners lie. */
  kept() {
    const { kernels } = this;
    const [lattice, blocks] = [[this.lattice, this.blocks - this.lattice], [this.blocks, this.end - this.blocks]].map(([at, size]) => kernels.bytes(at, size).slice());
    return {
      mesh: this.mesh,
      size: this.size,
      numbers: new Int32Array(lattice.buffer),
      at: (now) => Object.assign(Object.create(Laid.prototype), this, { kernels: now, lattice: now.put(lattice), blocks: now.put(blocks) }),
    };
  }

  /** Where the pixels of a box of a level come from: an address, the box, and about how many of the plane's pixels these are.
   * Null where from nowhere. */
  places([x0, y0, x1, y1], level = 0) {
    const { kernels, mesh } = this;
    const [w, h] = [x1 - x0, y1 - y0];
    const [at, found] = [kernels.room(8 * w * h), kernels.room(16)];
    const cells = kernels.run.mesh_map(at, found, this.lattice, this.blocks, ...this.size, mesh.step, ...mesh.box, x0, y0, w, h, level);
    const box = [...kernels.numbers(found, 4)].map((v, i) => v + (i < 2 ? -2 : 2));
    return cells ? { at, box, pixels: cells * mesh.step ** 2 } : null;
  }
}

/** What a mesh makes of what lies in its box; all else is blank. */
export function meshed(kernels, plane, mesh, method) {
  const bounds = plane.bounds();
  const out = new Plane(plane.channels, plane.blank);
  if (!bounds) return out;
  const begin = kernels.next;
  const laid = new Laid(kernels, mesh);
  const levels = [plane];
  const mark = kernels.next;
  for (const [column, row] of places(laid.reach)) {
    kernels.reset(mark);
    const part = [column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE];
    const found = laid.places(part);
    const near = found && intersection(found.box, bounds);
    if (!found || near[0] >= near[2] || near[1] >= near[3]) continue;
    const level = levelOf(near, found.pixels);
    while (levels.length <= level) levels.push(halved(kernels, levels.at(-1)));
    const [x0, y0, x1, y1] = near.map((value, i) => (value >> level) + (i < 2 ? -2 : 3));
    const source = pixelsOf(levels[level], [x0, y0, x1, y1]);
    const done = drawn(kernels, source, [x0, y0, x1 - x0, y1 - y0], plane.blank, found.at, TILE * TILE, level, METHODS.indexOf(method));
    written(out, part, kernels.bytes(done, 4 * TILE * TILE));
  }
  kernels.reset(begin);
  return out;
}

/** The address of so many pixels that come from places in a source, whose corner and size are given. */
export function drawn(kernels, source, size, outside, places, count, level, method) {
  const { run } = kernels;
  const [wide, made, done] = [kernels.room(2 * source.length), kernels.room(8 * count), kernels.room(4 * count)];
  run.filter_load(wide, kernels.put(source), source.length / 4);
  run.mesh_draw(made, wide, ...size, outside, places, count, level, method);
  run.filter_store(done, made, count);
  return done;
}

/** The level from which a tile is made: smaller where many pixels come into it, but not where it is only folded. */
function levelOf([x0, y0, x1, y1], pixels) {
  let level = 0;
  while (level < LEVELS && (pixels >> (2 * level) > MOST_SIDE ** 2 || Math.max(x1 - x0, y1 - y0) >> level > MOST_READ)) level++;
  return level;
}
