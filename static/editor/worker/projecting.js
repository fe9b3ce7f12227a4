// A layer under a projection whose corners are being moved: the tiles that are visible, at the level that the screen draws. While they move
// each pixel is the nearest one, which takes a fraction of the time; once they rest, it is made as the operation makes it.
import { find, walk } from './layers.js';
import { Made, boxed, numbered } from './made.js';
import { PIXELS, TILE, intersection } from './planes.js';
import { pixelsOf } from './resizing.js';
import { LEVELS, METHODS, MOST_SIDE, drawnFrom, reachOf } from './warping.js';

const RUN = 16; // pixels of a row between which places in perspective are taken to lie evenly
const FIXED = 65536; // places between pixels

/** Puts planes into a layer and all it holds that show them transformed. */
export function project(preview, layer, level, body) {
  for (const each of walk([layer])) {
    const { pixels, mask } = find(preview.document.layers, each.id);
    each.pixels = new Projected(preview, (at) => preview.halved({ id: each.id, pixels }, at), [4, 0], level, body);
    if (mask) each.mask = new Projected(preview, (at) => preview.mask(mask, at), [1, mask.blank], level, body);
  }
}

class Projected extends Made {
  /** planeAt: the plane at a level. */
  constructor(preview, planeAt, [channels, blank], level, { matrix, method, x0, y0, x1, y1 }) {
    super();
    const side = 1 << level;
    Object.assign(this, { preview, planeAt, channels, blank, level, method: METHODS.indexOf(method) });
    this.inside = [Math.floor(x0 / side), Math.floor(y0 / side), Math.ceil(x1 / side), Math.ceil(y1 / side)];
    this.bounds = planeAt(0).bounds();
    this.numbers = BigInt64Array.from(matrix, (value, i) => BigInt(value) * (i % 3 < 2 ? BigInt(side) : 1n)); // from a place of the level
  }

  /** Writes a tile of the level to an address. */
  fillInto(kernels, at, x, y) {
    const { preview, level, channels, blank } = this;
    const seen = preview.moving ? intersection(preview.visible(level), this.inside) : this.inside;
    const part = intersection([x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], seen);
    const mark = kernels.next;
    const found = part[0] < part[2] && part[1] < part[3] && this.sourceOf(part);
    if (found && this.method && !preview.moving) {
      const made = this.exact(part, found);
      this.clear(kernels, at);
      const width = (part[2] - part[0]) * channels;
      for (let row = part[1]; row < part[3]; row++) {
        const from = (row - part[1]) * width;
        kernels.all.set(made.subarray(from, from + width), at + ((row - y * TILE) * TILE + part[0] - x * TILE) * channels);
      }
    } else {
      const pixels = found && boxed(preview, found.plane, found.box);
      this.clear(kernels, at);
      if (found) this.nearest(numbered(kernels.memory.buffer, at, PIXELS * channels, channels), [x * TILE, y * TILE], part, found, pixels);
    }
    kernels.reset(mark);
  }

  clear(kernels, at) {
    kernels.all.fill(this.blank, at, at + PIXELS * this.channels);
  }

  /** From which pixels a part is made, of which level; null where there are none. */
  sourceOf(part) {
    const { preview, level: own, bounds } = this;
    if (!bounds) return null;
    const near = intersection(reachOf(preview.kernels, this.numbers, part) ?? bounds, bounds);
    if (near[0] >= near[2] || near[1] >= near[3]) return null;
    let level = own;
    while (Math.max(near[2] - near[0], near[3] - near[1]) >> level > MOST_SIDE && level < LEVELS) level++;
    return { level, box: near.map((value, i) => (value >> level) + (i < 2 ? -2 : 3)), plane: this.planeAt(level) };
  }

  /** The pixels of a part as the operation makes them. */
  exact(part, { level, box, plane }) {
    const { preview, preview: { kernels }, channels, blank, method } = this;
    const pixels = boxed(preview, plane, box);
    const bytes = new Uint8Array(pixels.buffer, 0, pixels.byteLength);
    const source = pixelsOf({ channels, read: () => bytes }, box);
    const done = drawnFrom(kernels, source, box, blank, this.numbers, part, level, method);
    return channels === 4 ? done : Uint8Array.from({ length: done.length / 4 }, (_, i) => done[4 * i + 3]);
  }

  /** For each pixel of a part the one that its middle comes from. In perspective that is divided once for some pixels of a row. */
  nearest(to, [left, top], [x0, y0, x1, y1], { level, box: [sx, sy, right, below] }, from) {
    const [w, h] = [right - sx, below - sy];
    const side = 1 << level;
    const [a, b, c, d, e, f, g, k, i] = Array.from(this.numbers, Number);
    const run = g ? RUN : TILE;
    for (let y = y0; y < y1; y++) {
      const u = b * (y + 0.5) + c;
      const v = e * (y + 0.5) + f;
      const by = k * (y + 0.5) + i;
      const row = (y - top) * TILE - left;
      for (let x = x0; x < x1; x += run) {
        const n = Math.min(run, x1 - x);
        const near = (by + g * (x + 0.5)) * side;
        const far = (by + g * (x + n + 0.5)) * side;
        if (near <= 0 || far <= 0) continue; // beyond the horizon
        const px = (u + a * (x + 0.5)) / near - sx;
        const py = (v + d * (x + 0.5)) / near - sy;
        const dx = ((u + a * (x + n + 0.5)) / far - sx - px) / n;
        const dy = ((v + d * (x + n + 0.5)) / far - sy - py) / n;
        const first = Math.max(0, enters(px, dx, w), enters(py, dy, h));
        const last = Math.min(n, leaves(px, dx, w), leaves(py, dy, h));
        if (first < last) even(to, row + x + first, row + x + last, from, w, px + first * dx, py + first * dy, dx, dy);
      }
    }
  }
}

/** After how many steps from p a place lies in [0, most), and after how many no longer. */
const enters = (p, step, most) => (p >= 0 && p < most ? 0 : Math.ceil(step ? (step > 0 ? -p : most - p) / step + 1e-6 : Infinity));
const leaves = (p, step, most) => Math.ceil(step ? (step > 0 ? most - p : -p) / step - 1e-6 : Infinity);

/** Pixels of a row from places that lie evenly. */
function even(to, at, end, from, w, px, py, dx, dy) {
  let u = Math.floor(px * FIXED);
  let v = Math.floor(py * FIXED);
  const du = Math.round(dx * FIXED);
  const dv = Math.round(dy * FIXED);
  for (; at < end; at++) {
    to[at] = from[(v >> 16) * w + (u >> 16)];
    u = (u + du) | 0;
    v = (v + dv) | 0;
  }
}
