// A layer under a filter that is being chosen: the visible part, at the level that the screen draws, in one piece.
import { find } from './layers.js';
import { Made, Rows } from './made.js';
import { part } from './parts.js';
import { PIXELS, TILE, intersection } from './planes.js';

const COARSE = 3; // the least radius, in pixels of the level, at which half the size looks the same

/** The layer's pixels at a level as the filter leaves them. */
export function filterAt(preview, layer, level) {
  const made = scaled(layer.filter, level);
  return made ? new Filtered(preview, layer, level, made) : layer.whole;
}

/** A filter at a level whose pixels are 2^level of the picture's; null where nothing of it can be seen. */
function scaled(made, level) {
  const by = (value, least) => Math.max(least, Math.round(value / (1 << level)));
  if (made.radius !== undefined) return by(made.radius, 0) ? { ...made, radius: by(made.radius, 1) } : null;
  if (made.kind === 'pixelate') return by(made.size, 1) > 1 ? { ...made, size: by(made.size, 2) } : null;
  // Means of some pixels have less noise than each of them.
  return { ...made, amount: by(made.amount, 1) };
}

class Filtered extends Made {
  constructor(preview, layer, level, made) {
    super();
    const { selection, size } = preview.document;
    Object.assign(this, { preview, layer, level, made, channels: 4 });
    this.inside = [0, 0, ...size.map((side) => Math.ceil(side / (1 << level)))];
    this.selection = selection && preview.mask(selection, level);
    this.seen = ''; // what the screen showed when the pixels were made
  }

  /** Writes a tile to an address, filtered where it is seen. */
  fillInto(kernels, at, x, y) {
    const seen = this.visible;
    if (this.seen !== seen.join() || this.preview.filled !== this) this.fill(seen);
    const { box, pixels, layer: { whole } } = this;
    const [left, top] = [x * TILE, y * TILE];
    const [x0, y0, x1, y1] = intersection(box, [left, top, left + TILE, top + TILE]);
    if (x1 - x0 < TILE || y1 - y0 < TILE) {
      if (whole.has(x, y)) whole.at(x, y).into(kernels, at);
      else kernels.all.fill(0, at, at + 4 * PIXELS);
    }
    for (let row = y0; x0 < x1 && row < y1; row++) {
      const from = 4 * ((row - box[1]) * (box[2] - box[0]) + x0 - box[0]);
      kernels.all.set(pixels.subarray(from, from + 4 * (x1 - x0)), at + 4 * ((row - top) * TILE + x0 - left));
    }
  }

  /** What the screen shows of the picture, in pixels of the level. */
  get visible() {
    return intersection(this.preview.visible(this.level), this.inside);
  }

  fill(seen) {
    const { kernels } = this.preview;
    this.seen = seen.join();
    this.preview.filled = this;
    const cell = this.made.size ?? 1; // cells begin where those of the picture do
    const box = intersection(seen.map((v, i) => (i < 2 ? Math.floor : Math.ceil)(v / cell) * cell), this.inside);
    this.box = box;
    if (box[0] >= box[2] || box[1] >= box[3]) return;
    const mark = kernels.next;
    const before = this.kept('box', this.layer.whole, box);
    let at = this.after(before, box);
    const count = before.length / 4;
    if (this.layer.lock_alpha) kernels.run.filter_keep(at, kernels.put(before), count);
    if (this.selection) {
      const target = kernels.put(before);
      kernels.run.mix(target, at, kernels.put(this.rows('selection').read(this.selection, box)), count, 255);
      at = target;
    }
    this.pixels = this.rows('filtered').room(before.length);
    this.pixels.set(kernels.bytes(at, before.length));
    kernels.reset(mark);
  }

  /** The address of the pixels of a box after the filter. */
  after(before, box) {
    const { kernels } = this.preview;
    const { PASSES, changed, share } = part('filter');
    const { kind, amount, threshold } = this.made;
    if (!PASSES[kind]) return changed(kernels, before, box, before, box, this.made);
    const soft = this.soft(box);
    if (kind !== 'sharpen') return soft;
    const target = kernels.put(before);
    kernels.run.filter_sharpen(target, soft, before.length / 4, share(amount), threshold);
    return target;
  }

  /** The address of the pixels of a box, blurred. They stay while only how much is sharpened of them changes. */
  soft(box) {
    const { kernels, reads, moving } = this.preview;
    const { kind, radius } = this.made;
    const key = `${this.level} ${box} ${kind} ${radius}`;
    const before = reads.get('soft');
    const again = before?.key === key;
    if (again && before.pixels && (moving || before.exact)) return kernels.put(before.pixels);
    const at = !moving ? this.exact(box) : radius < COARSE ? this.quick(box) : this.coarse(box);
    // Not while it is the radius that moves: then it would be a copy for nothing.
    const pixels = again && kernels.bytes(at, 4 * (box[2] - box[0]) * (box[3] - box[1])).slice();
    reads.set('soft', { key, pixels, exact: !moving });
    return at;
  }

  /** What `soft` is once no more values come. */
  exact(box) {
    const { PASSES, blurred, reachOf } = part('filter');
    const source = around(box, reachOf(this.made), this.inside);
    return blurred(this.preview.kernels, this.kept('source', this.layer.whole, source), source, box, this.made.radius, PASSES[this.made.kind]);
  }

  /** The same while a value still moves, of a radius too small for half the size: one blur as wide as all of them together. */
  quick(box) {
    const { PASSES, blurred } = part('filter');
    const { kind, radius } = this.made;
    const wide = Math.round((Math.sqrt(1 + PASSES[kind] * ((2 * radius + 1) ** 2 - 1)) - 1) / 2); // of the same variance
    const source = around(box, wide, this.inside);
    return blurred(this.preview.kernels, this.kept('source', this.layer.whole, source), source, box, wide, 1);
  }

  /** The same, blurred at half the size: what is blurred has no detail to lose. */
  coarse(box) {
    const { kernels, document } = this.preview;
    const { PASSES, blurred } = part('filter');
    const { kind, radius } = this.made;
    const half = box.map((v, i) => (i < 2 ? Math.floor : Math.ceil)(v / 2));
    const small = Math.round(radius / 2);
    const source = around(half, small * PASSES[kind], this.inside.map((side) => Math.ceil(side / 2)));
    const plane = this.preview.halved(find(document.layers, this.layer.id), this.level + 1);
    const at = blurred(kernels, this.kept('half', plane, source), source, half, small, PASSES[kind]);
    return enlarged(kernels, at, half, box);
  }

  /** A box of a plane of pixels, which is the same while only the filter's values change. */
  kept(name, plane, box) {
    const rows = this.rows(name);
    const key = `${this.level} ${box}`;
    if (rows.key !== key) Object.assign(rows, { key, pixels: rows.read(plane, box) });
    return rows.pixels;
  }

  rows(name) {
    const { reads } = this.preview;
    if (!reads.has(name)) reads.set(name, new Rows());
    return reads.get(name);
  }
}

const around = ([x0, y0, x1, y1], reach, inside) => intersection([x0 - reach, y0 - reach, x1 + reach, y1 + reach], inside);

/** The address of the pixels of a box, each of those at half the size four times. */
function enlarged(kernels, at, half, [x0, y0, x1, y1]) {
  const [width, wide] = [half[2] - half[0], x1 - x0];
  const target = kernels.room(4 * wide * (y1 - y0));
  const from = new Uint32Array(kernels.memory.buffer, at, width * (half[3] - half[1]));
  const out = new Uint32Array(kernels.memory.buffer, target, wide * (y1 - y0));
  for (let y = y0, to = 0; y < y1; y++) {
    if (y > y0 && y & 1) {
      out.copyWithin(to, to - wide, to);
      to += wide;
      continue;
    }
    const row = width * ((y >> 1) - half[1]) - half[0];
    for (let x = x0; x < x1; x++) out[to++] = from[row + (x >> 1)];
  }
  return target;
}
