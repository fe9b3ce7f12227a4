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
    const source = boxed(this.plane, near);
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
    const { cells, box } = half[0] < half[2] && half[1] < half[3] ? this.cellsIn(half) : { cells: [] };
    const near = cells.length ? this.sourceOf(box) : null;
    const source = near && boxed(this.plane, near);
    kernels.all.fill(this.blank, at, at + PIXELS * channels);
    if (!near) return;
    const to = numbered(kernels.memory.buffer, at, PIXELS * channels, channels);
    const room = { to, from: source, near, half, left: tile[0] >> 1, top: tile[1] >> 1 };
    for (const corners of cells) {
      const [a, b, c, d] = corners;
      triangle(room, a, b, c);
      triangle(room, a, c, d);
    }
  }

  /** The cells that come to lie in a box of pairs of pixels, each as its corners [x, y, u, v]: where they lie, and the pixels of the level that they show;
   * and the box of the picture's pixels that they are made of. What is on top comes last. */
  cellsIn([x0, y0, x1, y1]) {
    const { laid: { size: [nx, ny], numbers }, level, mesh: { step, box: [left, top, right, below] } } = this;
    const side = 512 << level; // 256ths of a pixel in a pair
    const [cells, box] = [[], [Infinity, Infinity, -Infinity, -Infinity]];
    const cornerAt = (i, j) => {
      const k = 2 * (j * nx + i);
      const u = Math.min(Math.max(left + (i - 1) * step, left), right);
      const v = Math.min(Math.max(top + (j - 1) * step, top), below);
      // A corner beside the box is drawn in to its edge, as far along its way.
      const [iu, jv] = [(u - left) / step + 1, (v - top) / step + 1];
      const [px, py] = iu === i && jv === j ? [numbers[k], numbers[k + 1]] : between(numbers, nx, ny, iu, jv);
      return [px / side, py / side, u / (1 << level), v / (1 << level)];
    };
    for (let j = 1; j < ny - 2; j++) {
      for (let i = 1; i < nx - 2; i++) {
        const k = 2 * (j * nx + i);
        const m = k + 2 * nx;
        if (apart(numbers[k], numbers[k + 2], numbers[m], numbers[m + 2], x0 * side, x1 * side)) continue;
        if (apart(numbers[k + 1], numbers[k + 3], numbers[m + 1], numbers[m + 3], y0 * side, y1 * side)) continue;
        const corners = [cornerAt(i, j), cornerAt(i + 1, j), cornerAt(i + 1, j + 1), cornerAt(i, j + 1)];
        const [first, , third] = corners;
        cells.push(corners);
        box[0] = Math.min(box[0], first[2] * (1 << level));
        box[1] = Math.min(box[1], first[3] * (1 << level));
        box[2] = Math.max(box[2], third[2] * (1 << level));
        box[3] = Math.max(box[3], third[3] * (1 << level));
      }
    }
    return { cells, box };
  }
}

const apart = (a, b, c, d, first, last) => Math.min(a, b, c, d) > last || Math.max(a, b, c, d) < first;

/** Where a place between the corners of cells comes to lie. */
function between(numbers, nx, ny, i, j) {
  const [i0, j0] = [Math.min(Math.floor(i), nx - 2), Math.min(Math.floor(j), ny - 2)];
  const [s, t] = [i - i0, j - j0];
  return [0, 1].map((d) => {
    const at = (a, b) => numbers[2 * ((j0 + b) * nx + i0 + a) + d];
    return (at(0, 0) * (1 - s) + at(1, 0) * s) * (1 - t) + (at(0, 1) * (1 - s) + at(1, 1) * s) * t;
  });
}

/** Draws three corners [x, y, u, v] of a cell: along each row of pairs of pixels the places lie evenly. */
function triangle(room, a, b, c) {
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
  if (Math.abs(area) < 1e-9) return;
  const { half: [x0, y0, x1, y1] } = room;
  const by = (k) => [
    ((b[k] - a[k]) * (c[1] - a[1]) - (c[k] - a[k]) * (b[1] - a[1])) / area, ((c[k] - a[k]) * (b[0] - a[0]) - (b[k] - a[k]) * (c[0] - a[0])) / area,
  ];
  const [[du, du2], [dv, dv2]] = [by(2), by(3)];
  const first = Math.max(y0, Math.ceil(Math.min(a[1], b[1], c[1]) - 0.5));
  const last = Math.min(y1, Math.ceil(Math.max(a[1], b[1], c[1]) - 0.5));
  for (let y = first; y < last; y++) {
    const [p, q] = crossed(a, b, c, y + 0.5);
    const from = Math.max(x0, Math.ceil(p - 0.5));
    const n = Math.min(x1, Math.ceil(q - 0.5)) - from;
    if (n <= 0) continue;
    const [dx, dy] = [from + 0.5 - a[0], y + 0.5 - a[1]];
    // The first of four pixels lies half a pixel before the middle of them.
    row(room, from, y, n, a[2] + du * dx + du2 * dy - 0.5 - room.near[0], a[3] + dv * dx + dv2 * dy - 0.5 - room.near[1], du, dv);
  }
}

/** From where to where a row goes through a triangle. Two that share an edge agree to the last bit. */
function crossed(a, b, c, y) {
  let [low, high] = [Infinity, -Infinity];
  for (let [p, q] = [a, b], k = 0; k < 3; k++) {
    const [above, under] = p[1] < q[1] || (p[1] === q[1] && p[0] < q[0]) ? [p, q] : [q, p];
    if (above[1] <= y && under[1] > y) {
      const x = above[0] + ((y - above[1]) * (under[0] - above[0])) / (under[1] - above[1]);
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    [p, q] = k ? [c, a] : [b, c];
  }
  return [low, high];
}

/** n times four pixels of a row from places that lie evenly. */
function row({ to, from, near: [sx, sy, right, below], left, top }, x, y, n, u, v, du, dv) {
  const [w, h] = [right - sx, below - sy];
  let [pu, pv] = [Math.floor(u * FIXED), Math.floor(v * FIXED)];
  const [su, sv] = [Math.round(du * FIXED), Math.round(dv * FIXED)];
  let at = 2 * (y - top) * TILE + 2 * (x - left);
  for (let i = 0; i < n; i++, at += 2, pu += su, pv += sv) {
    const [px, py] = [pu >> 16, pv >> 16];
    if (px < 0 || py < 0 || px + 1 >= w || py + 1 >= h) continue;
    const one = py * w + px;
    to[at] = from[one];
    to[at + 1] = from[one + 1];
    to[at + TILE] = from[one + w];
    to[at + TILE + 1] = from[one + w + 1];
  }
}
