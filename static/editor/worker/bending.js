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
    while ((w / this.mesh.step) * (h / this.mesh.step) > CORNERS) this.mesh.step *= 2;
  }

  /** A tile of the level. */
  get(x, y) {
    const { kernels } = this.preview;
    const mark = kernels.next;
    this.laid ??= this.lay();
    const found = this.laid.at(kernels).places([x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], this.level);
    const out = found ? this.drawn(found) : this.empty();
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

  drawn({ at, box }) {
    const side = 1 << this.level;
    const near = box.map((v, i) => (i < 2 ? Math.floor(v / side) - 2 : Math.ceil(v / side) + 2));
    const limit = this.limit();
    const [x0, y0, x1, y1] = limit ? intersection(near, limit) : near;
    if (x0 >= x1 || y0 >= y1) return this.empty();
    const { preview: { kernels, moving } } = this;
    const source = this.read([x0, y0, x1, y1]);
    const size = [x0, y0, x1 - x0, y1 - y0];
    if (moving || !this.method) return this.nearest(kernels.numbers(at, 2 * PIXELS), source, size);
    const pixels = pixelsOf({ channels: this.channels, read: () => source }, [x0, y0, x1, y1]);
    const done = kernels.bytes(drawn(kernels, pixels, size, this.blank, at, PIXELS, this.level, this.method), 4 * PIXELS);
    return this.channels === 4 ? done.slice() : Uint8Array.from({ length: PIXELS }, (_, i) => done[4 * i + 3]);
  }

  /** Where the layer may have anything: a preview draws nothing far outside of the document. */
  limit() {
    const [w, h] = this.preview.document.size.map((side) => Math.ceil(side / (1 << this.level)));
    return [-w, -h, 2 * w, 2 * h];
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
