// A layer under a mesh whose handles are being moved: the tiles that are visible, at the level that the screen draws. While handles move
// each pixel is the nearest one, which takes a fraction of the time; once they rest, it is made as the operation makes it.
import { walk } from './layers.js';
import { Made, boxed, numbered } from './made.js';
import { Laid, Mesh, drawn } from './meshing.js';
import { PIXELS, TILE, intersection } from './planes.js';
import { pixelsOf } from './resizing.js';
import { METHODS } from './warping.js';

export { Mesh, meshed } from './meshing.js';

const CORNERS = 1 << 14; // of cells: a preview needs no more
const FIXED = 65536; // places between pixels

/** Puts planes into a layer and all it holds that show them bent. */
export function bend(preview, layer, level, body) {
  for (const each of walk([layer])) {
    each.whole ??= { pixels: each.pixels, mask: each.mask };
    const { pixels, mask } = each.whole;
    each.pixels = new Bent(preview, pixels, [4, 0], level, body); // of shapes and texts what they look like: they become pixels first
    if (mask) each.mask = new Bent(preview, mask, [1, preview.blankOf(each.id)], level, body);
  }
}

class Bent extends Made {
  constructor(preview, plane, [channels, blank], level, body) {
    super();
    Object.assign(this, { preview, plane, channels, blank, level, method: METHODS.indexOf(body.method) });
    this.mesh = new Mesh([body.x0, body.y0, body.x1, body.y1], body);
    const [w, h] = [body.x1 - body.x0, body.y1 - body.y0];
    while ((w / this.mesh.step) * (h / this.mesh.step) > CORNERS >> (preview.moving ? 2 : 0)) this.mesh.step *= 2;
  }

  /** Writes a tile of the level to an address. */
  fillInto(kernels, at, x, y) {
    const mark = kernels.next;
    const size = PIXELS * this.channels;
    const tile = [x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE];
    if (this.preview.moving) {
      this.laid ??= this.lay();
      this.hurried(kernels, at, tile);
    } else {
      this.laid ??= this.lay();
      const made = this.made(tile);
      if (made) kernels.all.set(made, at);
      else kernels.all.fill(this.blank, at, at + size);
    }
    kernels.reset(mark);
  }

  /** The mesh as it comes to lie, kept beside the kernels' memory, which others use between two tiles. */
  lay() {
    const { kernels } = this.preview;
    const mark = kernels.next;
    const laid = new Laid(kernels, this.mesh);
    const kept = laid.kept();
    kernels.reset(mark);
    return kept;
  }

  empty() {
    return new Uint8Array(PIXELS * this.channels).fill(this.blank);
  }

  /** The pixels of the level that places lie in, as a box; null where there are none. */
  sourceOf(box) {
    const side = 1 << this.level;
    const near = intersection(box.map((v, i) => (i < 2 ? Math.floor(v / side) - 2 : Math.ceil(v / side) + 2)), this.limit());
    return near[0] < near[2] && near[1] < near[3] ? near : null;
  }

  /** A tile as the operation makes it; null where nothing is. */
  made(tile) {
    const { preview: { kernels } } = this;
    const found = this.laid.at(kernels).places(tile, this.level);
    const near = found && this.sourceOf(found.box);
    if (!near) return null;
    const { at } = found;
    const [x0, y0, x1, y1] = near;
    const source = boxed(this.preview, this.plane, near);
    const size = [x0, y0, x1 - x0, y1 - y0];
    if (!this.method) return this.nearest(kernels.numbers(at, 2 * PIXELS), source, size);
    const bytes = new Uint8Array(source.buffer, 0, source.byteLength);
    const pixels = pixelsOf({ channels: this.channels, read: () => bytes }, [x0, y0, x1, y1]);
    const done = kernels.bytes(drawn(kernels, pixels, size, this.blank, at, PIXELS, this.level, this.method), 4 * PIXELS);
    return this.channels === 4 ? done : Uint8Array.from({ length: PIXELS }, (_, i) => done[4 * i + 3]);
  }

  /** Where the layer may have anything: a preview draws nothing far outside of the document. */
  limit() {
    const [w, h] = this.preview.document.size.map((side) => Math.ceil(side / (1 << this.level)));
    return [-w, -h, 2 * w, 2 * h];
  }

  nearest(places, from, [sx, sy, w, h]) {
    const out = this.empty();
    const shift = 8 + this.level;
    const to = numbered(out.buffer, 0, out.length, this.channels);
    for (let i = 0; i < PIXELS; i++) {
      const [x, y] = [(places[2 * i] >> shift) - sx, (places[2 * i + 1] >> shift) - sy];
      if (x >= 0 && y >= 0 && x < w && y < h) to[i] = from[y * w + x];
    }
    return out;
  }

  // --- while handles move: each cell as two even triangles, by one place for four pixels ------------------------

  /** What of a tile is seen. */
  hurried(kernels, at, tile) {
    const { preview, level, channels } = this;
    const half = intersection(tile, preview.visible(level)).map((value, i) => (i < 2 ? value >> 1 : (value + 1) >> 1));
    this.corners ??= cornersOf(this.laid, level);
    const { cells, box } = half[0] < half[2] && half[1] < half[3] ? cellsIn(this.corners, half) : { cells: [] };
    const near = cells.length ? this.sourceOf(box.map((value) => value << level)) : null;
    const from = near && boxed(preview, this.plane, near);
    kernels.all.fill(this.blank, at, at + PIXELS * channels);
    if (!near) return;
    const to = numbered(kernels.memory.buffer, at, PIXELS * channels, channels);
    const paper = { to, from, near, half, left: tile[0] >> 1, top: tile[1] >> 1 };
    const { across } = this.corners;
    for (const k of cells) {
      triangle(paper, this.corners, k, k + 1, k + across + 1);
      triangle(paper, this.corners, k, k + across + 1, k + across);
    }
  }
}

/** Where the corners of a mesh's cells come to lie, x and y in pairs of pixels of a level, and what they show: u and v, in its pixels. */
function cornersOf({ numbers, size: [nx, ny], mesh: { step, box: [left, top, right, below] } }, level) {
  const across = nx - 2;
  const [x, y, u, v] = [0, 0, 0, 0].map(() => new Float64Array(across * (ny - 2)));
  const side = 512 << level; // 256ths of a pixel in a pair
  for (let j = 1, k = 0; j < ny - 1; j++) {
    for (let i = 1; i < nx - 1; i++, k++) {
      // A corner beside the box is drawn in to its edge.
      const [su, sv] = [Math.min(left + (i - 1) * step, right), Math.min(top + (j - 1) * step, below)];
      const [px, py] = between(numbers, nx, ny, (su - left) / step + 1, (sv - top) / step + 1);
      [x[k], y[k], u[k], v[k]] = [px / side, py / side, su / (1 << level), sv / (1 << level)];
    }
  }
  return { x, y, u, v, across, down: ny - 2 };
}

/** Where a place between the corners of cells comes to lie. */
function between(numbers, nx, ny, i, j) {
  const [i0, j0] = [Math.min(Math.floor(i), nx - 2), Math.min(Math.floor(j), ny - 2)];
  const [s, t] = [i - i0, j - j0];
  return [0, 1].map((d) => {
    const at = (a, b) => numbers[2 * ((j0 + b) * nx + i0 + a) + d];
    return s || t ? (at(0, 0) * (1 - s) + at(1, 0) * s) * (1 - t) + (at(0, 1) * (1 - s) + at(1, 1) * s) * t : at(0, 0);
  });
}

/** The cells, by their first corner, that come to lie in a box of pairs of pixels, and the box of what they show. What is on top comes last. */
function cellsIn({ x, y, u, v, across, down }, [x0, y0, x1, y1]) {
  const cells = [];
  let box = [Infinity, Infinity, -Infinity, -Infinity];
  const apart = (c, k, first, last) => {
    const [a, b, d, e] = [c[k], c[k + 1], c[k + across], c[k + across + 1]];
    return Math.min(a, b, d, e) > last || Math.max(a, b, d, e) < first;
  };
  for (let j = 0; j + 1 < down; j++) {
    for (let k = j * across; k + 1 < (j + 1) * across; k++) {
      if (apart(x, k, x0, x1) || apart(y, k, y0, y1)) continue;
      cells.push(k);
      const end = k + across + 1;
      box = [Math.min(box[0], u[k]), Math.min(box[1], v[k]), Math.max(box[2], u[end]), Math.max(box[3], v[end])];
    }
  }
  return { cells, box };
}

/** Draws three corners of a cell: along each row of pairs of pixels the places lie evenly. Two that share an edge agree on it to the last bit. */
function triangle(paper, { x, y, u, v }, a, b, c) {
  const under = (p, q) => y[p] > y[q] || (y[p] === y[q] && x[p] > x[q]);
  if (under(a, b)) [a, b] = [b, a];
  if (under(b, c)) [b, c] = [c, b];
  if (under(a, b)) [a, b] = [b, a];
  const [bx, by, cx, cy] = [x[b] - x[a], y[b] - y[a], x[c] - x[a], y[c] - y[a]];
  const area = bx * cy - cx * by;
  if (Math.abs(area) < 1e-9) return;
  const du = ((u[b] - u[a]) * cy - (u[c] - u[a]) * by) / area;
  const dv = ((v[b] - v[a]) * cy - (v[c] - v[a]) * by) / area;
  const du2 = ((u[c] - u[a]) * bx - (u[b] - u[a]) * cx) / area;
  const dv2 = ((v[c] - v[a]) * bx - (v[b] - v[a]) * cx) / area;
  const { half, near } = paper;
  const [long, upper, lower] = [cx / cy, bx / by, (x[c] - x[b]) / (y[c] - y[b])];
  const first = Math.max(half[1], Math.ceil(y[a] - 0.5));
  const last = Math.min(half[3], Math.ceil(y[c] - 0.5));
  for (let at = first; at < last; at++) {
    const p = x[a] + (at + 0.5 - y[a]) * long;
    const q = at + 0.5 < y[b] ? x[a] + (at + 0.5 - y[a]) * upper : x[b] + (at + 0.5 - y[b]) * lower;
    const from = Math.max(half[0], Math.ceil(Math.min(p, q) - 0.5));
    const n = Math.min(half[2], Math.ceil(Math.max(p, q) - 0.5)) - from;
    if (n <= 0) continue;
    const dx = from + 0.5 - x[a];
    const dy = at + 0.5 - y[a];
    // The first of four pixels lies half a pixel before the middle of them.
    row(paper, from, at, n, u[a] + du * dx + du2 * dy - 0.5 - near[0], v[a] + dv * dx + dv2 * dy - 0.5 - near[1], du, dv);
  }
}

/** n times four pixels of a row from places that lie evenly. */
function row({ to, from, near, left, top }, x, y, n, u, v, du, dv) {
  const w = near[2] - near[0];
  const h = near[3] - near[1];
  let pu = Math.floor(u * FIXED);
  let pv = Math.floor(v * FIXED);
  const su = Math.round(du * FIXED);
  const sv = Math.round(dv * FIXED);
  let at = 2 * (y - top) * TILE + 2 * (x - left);
  for (let i = 0; i < n; i++, at += 2, pu = (pu + su) | 0, pv = (pv + sv) | 0) {
    const px = pu >> 16;
    const py = pv >> 16;
    if (px < 0 || py < 0 || px + 1 >= w || py + 1 >= h) continue;
    const one = py * w + px;
    to[at] = from[one];
    to[at + 1] = from[one + 1];
    to[at + TILE] = from[one + w];
    to[at + TILE + 1] = from[one + w + 1];
  }
}
