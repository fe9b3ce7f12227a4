// A layer under a projection whose corners are being moved: the tiles that are visible, at the level that the screen draws. While they move
// each pixel is the nearest one, which takes a fraction of the time; once they rest, it is made as the operation makes it.
import { find, walk } from './layers.js';
import { Made } from './made.js';
import { PIXELS, Plane, TILE, intersection } from './planes.js';
import { pixelsOf } from './resizing.js';
import { LEVELS, METHODS, MOST_SIDE, drawnFrom, reachOf } from './warping.js';

const BLANK = new Uint8Array(4 * PIXELS);

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

  /** A tile of the level. */
  get(x, y) {
    const { preview, preview: { kernels }, level } = this;
    const seen = preview.moving ? intersection(preview.visible(level), this.inside) : this.inside;
    const part = intersection([x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], seen);
    const out = new Uint8Array(PIXELS * this.channels).fill(this.blank);
    if (part[0] >= part[2] || part[1] >= part[3]) return out;
    const mark = kernels.next;
    const found = this.sourceOf(part);
    if (found) this.fill(out, [x * TILE, y * TILE], part, found);
    kernels.reset(mark);
    return out;
  }

  /** From which pixels a part is made, of which level; null where there are none. */
  sourceOf(part) {
    const { preview, level: own, bounds } = this;
    if (!bounds) return null;
    const near = intersection(reachOf(preview.kernels, this.numbers, part) ?? bounds, bounds);
    if (near[0] >= near[2] || near[1] >= near[3]) return null;
    let level = own;
    while (Math.max(near[2] - near[0], near[3] - near[1]) >> level > MOST_SIDE && level < LEVELS) level++;
    const box = near.map((value, i) => (value >> level) + (i < 2 ? -2 : 3));
    const plane = this.planeAt(level);
    const copy = new Plane(this.channels, this.blank);
    copy.get = (x, y) => (this.channels === 1 || plane.has(x, y) ? plane.get(x, y) : BLANK);
    return { level, box, pixels: copy.read(box) };
  }

  fill(out, [left, top], [x0, y0, x1, y1], { level, box, pixels }) {
    if (this.preview.moving || !this.method) {
      this.nearest(out, [left, top], [x0, y0, x1, y1], level, box, pixels);
      return;
    }
    const width = x1 - x0;
    const made = this.exact([x0, y0, x1, y1], level, box, pixels);
    for (let row = y0; row < y1; row++) {
      const from = (row - y0) * width * this.channels;
      out.set(made.subarray(from, from + width * this.channels), ((row - top) * TILE + x0 - left) * this.channels);
    }
  }

  exact([x0, y0, x1, y1], level, box, pixels) {
    const { preview: { kernels }, channels, blank, method } = this;
    const source = pixelsOf({ channels, read: () => pixels }, box);
    const done = drawnFrom(kernels, source, box, blank, this.numbers, [x0, y0, x1, y1], level, method);
    return channels === 4 ? done : Uint8Array.from({ length: done.length / 4 }, (_, i) => done[4 * i + 3]);
  }

  nearest(out, [left, top], [x0, y0, x1, y1], level, [sx, sy, right, below], pixels) {
    const [w, h] = [right - sx, below - sy];
    const from = this.channels === 4 ? new Uint32Array(pixels.buffer) : pixels;
    const to = this.channels === 4 ? new Uint32Array(out.buffer) : out;
    const side = 1 << level;
    const [a, b, c, d, e, f, g, k, i] = Array.from(this.numbers, Number);
    for (let y = y0; y < y1; y++) {
      let at = (y - top) * TILE + x0 - left;
      let [u, v, by] = [[a, b, c], [d, e, f], [g, k, i]].map(([m, n, o]) => m * (x0 + 0.5) + n * (y + 0.5) + o);
      for (let x = x0; x < x1; x++, at++) {
        const scale = by * side;
        const px = Math.floor(u / scale) - sx;
        const py = Math.floor(v / scale) - sy;
        if (by > 0 && px >= 0 && py >= 0 && px < w && py < h) to[at] = from[py * w + px];
        u += a;
        v += d;
        by += g;
      }
    }
    return out;
  }
}
