// A layer under a filter that is being chosen: the visible part, at the level that the screen draws, in one piece.
import { part } from './later.js';
import { Made } from './made.js';
import { PIXELS, Plane, TILE, intersection } from './planes.js';

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
    Object.assign(this, { preview, layer, level, made });
    this.inside = [0, 0, ...size.map((side) => Math.ceil(side / (1 << level)))];
    this.selection = selection && preview.mask(selection, level);
    this.seen = ''; // what the screen showed when the pixels were made
  }

  /** A tile, filtered where it is seen. */
  get(x, y) {
    const seen = this.visible;
    if (this.seen !== seen.join()) this.fill(seen);
    const { box } = this;
    const out = this.layer.whole.get(x, y).slice();
    const [left, top] = [x * TILE, y * TILE];
    const [x0, y0, x1, y1] = intersection(box, [left, top, left + TILE, top + TILE]);
    for (let row = y0; x0 < x1 && row < y1; row++) {
      const from = 4 * ((row - box[1]) * (box[2] - box[0]) + x0 - box[0]);
      out.set(this.pixels.subarray(from, from + 4 * (x1 - x0)), 4 * ((row - top) * TILE + x0 - left));
    }
    return out;
  }

  /** What the screen shows of the picture, in pixels of the level. */
  get visible() {
    const side = 1 << this.level;
    return intersection(this.preview.session.screen.visible.map((v, i) => (i < 2 ? Math.floor(v / side) : Math.ceil(v / side))), this.inside);
  }

  fill(seen) {
    const { kernels } = this.preview;
    this.seen = seen.join();
    const cell = this.made.size ?? 1; // cells begin where those of the picture do
    const box = intersection(seen.map((v, i) => (i < 2 ? Math.floor : Math.ceil)(v / cell) * cell), this.inside);
    this.box = box;
    if (box[0] >= box[2] || box[1] >= box[3]) return;
    const { reachOf, changed } = part('filter');
    const reach = reachOf(this.made);
    const [x0, y0, x1, y1] = box;
    const source = intersection([x0 - reach, y0 - reach, x1 + reach, y1 + reach], this.inside);
    const mark = kernels.next;
    const before = this.read(this.layer.whole, 4, box);
    let at = changed(kernels, this.read(this.layer.whole, 4, source), source, before, box, this.made);
    const count = before.length / 4;
    if (this.layer.lock_alpha) kernels.run.filter_keep(at, kernels.put(before), count);
    if (this.selection) {
      const target = kernels.put(before);
      kernels.run.mix(target, at, kernels.put(this.read(this.selection, 1, box)), count, 255);
      at = target;
    }
    this.pixels = kernels.bytes(at, before.length).slice();
    kernels.reset(mark);
  }

  /** A box of a plane of the level. */
  read(plane, channels, box) {
    const copy = new Plane(channels);
    copy.get = (x, y) => (channels === 1 || plane.has(x, y) ? plane.get(x, y) : BLANK);
    return copy.read(box);
  }
}

const BLANK = new Uint8Array(4 * PIXELS);
