// What the layers show together, kept as tiles: level 0 as the document is, each further level half as large.
import { draw, printOf, soleTile } from './compositor.js';
import { PIXELS, TILE } from './planes.js';

const keyOf = (level, x, y) => (level * 4096 + x) * 4096 + y;
const MOST = 1400; // tiles that are kept: 350 MB at most
export const MOST_LEVEL = 6;
const MOST_ASIDE = 160; // 40 MB
const BLANK = new Uint8Array(4 * PIXELS);

/** Composites of tiles, made when they are asked for. A tile is RGBA over nothing; the screen lays it on a checkerboard. */
export class Shown {
  constructor(kernels, document) {
    this.kernels = kernels;
    this.document = document;
    this.tiles = new Map(); // by level and place, least recently used first
    this.stale = new Map(); // the quarters of smaller levels that have to be made anew, as bits
    // Tiles of level 0 as they were before an undo, a redo or a stroke, by what they were made of: what comes back is there.
    this.aside = new Map();
    this.lent = new WeakSet(); // bytes that are a layer's own, since nothing else is seen there
    this.sees = () => false; // which tiles of level 0 are worth that
  }

  get(level, x, y) {
    const key = keyOf(level, x, y);
    let tile = this.tiles.get(key);
    if (tile) {
      this.tiles.delete(key);
      if (this.stale.has(key)) this.halve(tile, level, x, y, this.stale.get(key));
    } else tile = level ? this.halve(new Uint8Array(4 * PIXELS), level, x, y, 15) : this.composed(x, y);
    this.stale.delete(key);
    this.tiles.set(key, tile);
    if (this.tiles.size > MOST) {
      const oldest = this.tiles.keys().next().value;
      this.tiles.delete(oldest);
      this.stale.delete(oldest);
    }
    return tile;
  }

  has(level, x, y) {
    const key = keyOf(level, x, y);
    return this.tiles.has(key) && !this.stale.has(key);
  }

  /** Writes a tile of level 0 as it is shown to an address, without keeping what isn't kept. */
  into(at, x, y) {
    const { kernels } = this;
    const tile = this.tiles.get(keyOf(0, x, y));
    if (tile) {
      kernels.all.set(tile, at);
      return;
    }
    const mark = kernels.next;
    kernels.all.fill(0, at, at + 4 * PIXELS);
    draw(kernels, at, this.document.layers, { x, y, level: 0, size: this.document.size }, true);
    this.cut(kernels.all, at, x, y);
    kernels.reset(mark);
  }

  /** What `use` makes of a tile of level 0 as it is shown; its bytes are there during the call only. */
  peek(x, y, use) {
    const { kernels } = this;
    const mark = kernels.next;
    const at = kernels.room(4 * PIXELS);
    this.into(at, x, y);
    const found = use(kernels.bytes(at, 4 * PIXELS));
    kernels.reset(mark);
    return found;
  }

  /** Forgets a tile of level 0; of the levels made of it, the quarters that it went into are made anew when asked for. */
  forget(x, y) {
    this.tiles.delete(keyOf(0, x, y));
    this.spoil(x, y);
  }

  spoil(x, y) {
    for (let level = 1; level <= MOST_LEVEL; level++) {
      const key = keyOf(level, x >> level, y >> level);
      if (!this.tiles.has(key)) continue;
      const quarter = ((x >> (level - 1)) & 1) + 2 * ((y >> (level - 1)) & 1);
      this.stale.set(key, (this.stale.get(key) ?? 0) | (1 << quarter));
    }
  }

  /** A tile of level 0 that the caller changes in place; what was made of it is made anew. */
  tileForUpdate(x, y) {
    let tile = this.get(0, x, y);
    if (this.lent.has(tile)) this.tiles.set(keyOf(0, x, y), (tile = tile.slice()));
    this.spoil(x, y);
    return tile;
  }

  /** Keeps how a tile of level 0 is shown, made of these layers, for when they come back. copy: it is about to be changed in place. */
  layAside(x, y, layers, copy = false) {
    const key = keyOf(0, x, y);
    const tile = this.tiles.get(key);
    if (!tile || this.lent.has(tile) || !this.sees(x, y)) return;
    this.aside.set(printOf(layers, x, y), tile);
    if (copy) this.tiles.set(key, tile.slice());
    if (this.aside.size > MOST_ASIDE) this.aside.delete(this.aside.keys().next().value);
  }

  /** Takes a tile of level 0 that somebody has just composed. */
  take(x, y, tile) {
    this.forget(x, y);
    this.tiles.set(keyOf(0, x, y), tile);
  }

  clear() {
    this.tiles.clear();
    this.stale.clear();
    this.aside.clear();
  }

  composed(x, y) {
    const { kernels, document } = this;
    const whole = (x + 1) * TILE <= document.width && (y + 1) * TILE <= document.height;
    const sole = whole ? soleTile(document.layers, x, y) : null;
    if (sole) {
      const { bytes } = sole;
      this.lent.add(bytes);
      return bytes;
    }
    const print = this.aside.size ? printOf(document.layers, x, y) : '';
    const before = this.aside.get(print);
    if (before) {
      this.aside.delete(print); // whoever gets it may change it
      return before;
    }
    const mark = kernels.next;
    const target = kernels.room(4 * PIXELS);
    kernels.all.fill(0, target, target + 4 * PIXELS);
    draw(kernels, target, document.layers, { x, y, level: 0, size: document.size }, true);
    this.cut(kernels.all, target, x, y);
    const tile = kernels.bytes(target, 4 * PIXELS).slice();
    kernels.reset(mark);
    return tile;
  }

  /** Clears what of a tile lies outside of the document. */
  cut(bytes, at, x, y) {
    const right = Math.min(TILE, this.document.width - x * TILE);
    const below = Math.min(TILE, this.document.height - y * TILE);
    if (below < TILE) bytes.fill(0, at + Math.max(0, below) * TILE * 4, at + 4 * PIXELS);
    if (right < TILE) {
      for (let row = 0; row < TILE; row++) bytes.fill(0, at + (row * TILE + Math.max(0, right)) * 4, at + (row + 1) * TILE * 4);
    }
  }

  /** Makes quarters of a tile from the level above it, in place. Of level 0 nothing is kept for that. */
  halve(tile, level, x, y, quarters) {
    const { kernels, document } = this;
    const side = TILE << (level - 1);
    const parts = [];
    for (let quarter = 0; quarter < 4; quarter++) {
      if (!(quarters & (1 << quarter))) continue;
      const [sx, sy] = [2 * x + (quarter & 1), 2 * y + (quarter >> 1)];
      if (sx * side >= document.width || sy * side >= document.height) parts.push([quarter, BLANK]);
      else parts.push([quarter, level > 1 ? this.get(level - 1, sx, sy) : null, sx, sy]);
    }
    const mark = kernels.next;
    const target = kernels.room(4 * PIXELS);
    const source = kernels.room(4 * PIXELS);
    if (quarters !== 15) kernels.all.set(tile, target);
    for (const [quarter, part, sx, sy] of parts) {
      if (part) kernels.all.set(part, source);
      else this.into(source, sx, sy);
      kernels.run.tile_half(target, source, quarter & 1, quarter >> 1);
    }
    tile.set(kernels.bytes(target, 4 * PIXELS));
    kernels.reset(mark);
    return tile;
  }
}
