// A layer under a mesh whose handles are being moved: the tiles that are visible, at the level that the screen draws. While handles move
// each pixel is the nearest one, which takes a fraction of the time; once they rest, it is made as the operation makes it.
import { walk } from './layers.js';
import { Made } from './made.js';
import { Laid, Mesh, drawn } from './meshing.js';
import { PIXELS, Plane, TILE, intersection } from './planes.js';
import { pixelsOf } from './resizing.js';
import { METHODS } from './warping.js';

export { Mesh, meshed } from './meshing.js';

const CORNERS = 1 << 14; // of cells: a preview needs no more
const BLANK = new Uint8Array(4 * PIXELS);

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

  /** A tile of the level. */
  get(x, y) {
    const { kernels } = this.preview;
    const mark = kernels.next;
    this.laid ??= this.lay();
    const tile = [x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE];
    const out = this.preview.moving ? this.hurried(tile) : this.made(tile);
    kernels.reset(mark);
    return out;
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
  sourceOf({ box }) {
    const side = 1 << this.level;
    const near = intersection(box.map((v, i) => (i < 2 ? Math.floor(v / side) - 2 : Math.ceil(v / side) + 2)), this.limit());
    return near[0] < near[2] && near[1] < near[3] ? near : null;
  }

  made(tile) {
    const { preview: { kernels } } = this;
    const found = this.laid.at(kernels).places(tile, this.level);
    const near = found && this.sourceOf(found);
    if (!near) return this.empty();
    const { at } = found;
    const [x0, y0, x1, y1] = near;
    const source = this.read(near);
    const size = [x0, y0, x1 - x0, y1 - y0];
    if (!this.method) return this.nearest(kernels.numbers(at, 2 * PIXELS), source, size);
    const pixels = pixelsOf({ channels: this.channels, read: () => source }, [x0, y0, x1, y1]);
    const done = kernels.bytes(drawn(kernels, pixels, size, this.blank, at, PIXELS, this.level, this.method), 4 * PIXELS);
    return this.channels === 4 ? done.slice() : Uint8Array.from({ length: PIXELS }, (_, i) => done[4 * i + 3]);
  }

  /** Where the layer may have anything: a preview draws nothing far outside of the document. */
  limit() {
    const [w, h] = this.preview.document.size.map((side) => Math.ceil(side / (1 << this.level)));
    return [-w, -h, 2 * w, 2 * h];
  }

  /** What of a tile is seen, by one place for four pixels. */
  hurried(tile) {
    const { preview, level } = this;
    const half = intersection(tile, preview.visible(level)).map((value, i) => (i < 2 ? value >> 1 : (value + 1) >> 1));
    const out = this.empty();
    const found = half[0] < half[2] && half[1] < half[3] && this.laid.at(preview.kernels).places(half, level + 1);
    const near = found && this.sourceOf(found);
    if (near) this.fours(out, tile, half, preview.kernels.numbers(found.at, 2 * (half[2] - half[0]) * (half[3] - half[1])), near);
    return out;
  }

  fours(out, [left, top], [x0, y0, x1, y1], places, [sx, sy, right, below]) {
    const { level } = this;
    const source = this.read([sx, sy, right, below]);
    const [from, to] = this.channels === 4 ? [source, out].map((bytes) => new Uint32Array(bytes.buffer)) : [source, out];
    const [w, h] = [right - sx, below - sy];
    for (let y = y0, place = 0; y < y1; y++) {
      let at = (2 * y - top) * TILE + 2 * x0 - left;
      for (let x = x0; x < x1; x++, place += 2, at += 2) {
        const px = (((places[place] >> level) - 128) >> 8) - sx;
        const py = (((places[place + 1] >> level) - 128) >> 8) - sy;
        if (px < 0 || py < 0 || px + 1 >= w || py + 1 >= h) continue;
        const one = py * w + px;
        to[at] = from[one];
        to[at + 1] = from[one + 1];
        to[at + TILE] = from[one + w];
        to[at + TILE + 1] = from[one + w + 1];
      }
    }
  }

  nearest(places, source, [sx, sy, w, h]) {
    const out = this.empty();
    const shift = 8 + this.level;
    const from = this.channels === 4 ? new Uint32Array(source.buffer) : source;
    const to = this.channels === 4 ? new Uint32Array(out.buffer) : out;
    for (let i = 0; i < PIXELS; i++) {
      const [x, y] = [(places[2 * i] >> shift) - sx, (places[2 * i + 1] >> shift) - sy];
      if (x >= 0 && y >= 0 && x < w && y < h) to[i] = from[y * w + x];
    }
    return out;
  }

  read(box) {
    const copy = new Plane(this.channels, this.blank);
    copy.get = (x, y) => (this.channels === 1 || this.plane.has(x, y) ? this.plane.get(x, y) : BLANK);
    return copy.read(box);
  }
}
