// Planes: pixels or masks of any size as tiles of 256 x 256. The twin of editor/replay/planes.py.
import { PIXELS, TILE, Tile } from './tiles.js';

export { PIXELS, TILE };
const uniform = new Map();

const keyOf = (x, y) => (x + 32768) * 65536 + (y + 32768);
export const placeOf = (key) => [Math.floor(key / 65536) - 32768, (key % 65536) - 32768];

/** Tiles by place (tiles.js). A tile is never changed once it is here, so copies of a plane share them.
 * A tile of one colour is kept once for all documents. */
export class Plane {
  constructor(channels = 4, blank = 0, tiles = new Map()) {
    this.channels = channels; // 4: RGBA; 1: a mask
    this.blank = blank; // every byte of what has no tile
    this.tiles = tiles;
  }

  /** The bytes of a tile, to be read only. */
  get(x, y) {
    return (this.at(x, y) ?? single(this.channels, new Uint8Array(this.channels).fill(this.blank))).bytes;
  }

  /** The tile itself; undefined where all is blank. */
  at(x, y) {
    return this.tiles.get(keyOf(x, y));
  }

  /** Writes a tile to fresh room of the kernels and returns the address. */
  putInto(kernels, x, y) {
    const at = kernels.room(PIXELS * this.channels);
    const tile = this.at(x, y);
    if (tile) tile.into(kernels, at);
    else kernels.all.fill(this.blank, at, at + PIXELS * this.channels);
    return at;
  }

  has(x, y) {
    return this.tiles.has(keyOf(x, y));
  }

  /** Keeps the bytes of a tile, which the caller does not change any more. */
  put(x, y, tile) {
    if (!isUniform(tile, this.channels)) this.tiles.set(keyOf(x, y), new Tile(tile));
    else this.putUniform(x, y, tile);
  }

  /** Keeps a tile whose bytes stay in the kernels' memory for now. Returns it; nothing where it is of one colour. */
  hold(x, y, kernels, at) {
    const size = PIXELS * this.channels;
    const bytes = kernels.bytes(at, size);
    if (isUniform(bytes, this.channels)) {
      this.putUniform(x, y, bytes);
      return null;
    }
    const tile = Tile.holding(kernels, at, size);
    this.tiles.set(keyOf(x, y), tile);
    return tile;
  }

  putUniform(x, y, tile) {
    const first = tile.subarray(0, this.channels);
    if (first.every((v) => v === this.blank)) this.tiles.delete(keyOf(x, y));
    else this.tiles.set(keyOf(x, y), single(this.channels, first));
  }

  /** Puts back what `at` gave. */
  restore(x, y, tile) {
    if (tile) this.tiles.set(keyOf(x, y), tile);
    else this.tiles.delete(keyOf(x, y));
  }

  copy() {
    return new Plane(this.channels, this.blank, new Map(this.tiles));
  }

  /** The box of whole tiles that holds everything but blank, or null. */
  bounds() {
    if (!this.tiles.size) return null;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const key of this.tiles.keys()) {
      const [x, y] = placeOf(key);
      x0 = Math.min(x0, x);
      y0 = Math.min(y0, y);
      x1 = Math.max(x1, x + 1);
      y1 = Math.max(y1, y + 1);
    }
    return [x0 * TILE, y0 * TILE, x1 * TILE, y1 * TILE];
  }

  /** A box as one array of rows. */
  read([x0, y0, x1, y1]) {
    const width = x1 - x0;
    const c = this.channels;
    const out = new Uint8Array(width * (y1 - y0) * c);
    for (const [tx, ty] of places([x0, y0, x1, y1])) {
      const tile = this.get(tx, ty);
      const [ax, ay, bx, by] = intersection([tx * TILE, ty * TILE, tx * TILE + TILE, ty * TILE + TILE], [x0, y0, x1, y1]);
      for (let y = ay; y < by; y++) {
        const from = ((y - ty * TILE) * TILE + ax - tx * TILE) * c;
        out.set(tile.subarray(from, from + (bx - ax) * c), ((y - y0) * width + ax - x0) * c);
      }
    }
    return out;
  }

  /** Puts an array of rows at a box. */
  write([x0, y0, x1, y1], values) {
    const width = x1 - x0;
    const c = this.channels;
    for (const [tx, ty] of places([x0, y0, x1, y1])) {
      const tile = this.get(tx, ty).slice();
      const [ax, ay, bx, by] = intersection([tx * TILE, ty * TILE, tx * TILE + TILE, ty * TILE + TILE], [x0, y0, x1, y1]);
      for (let y = ay; y < by; y++) {
        const from = ((y - y0) * width + ax - x0) * c;
        tile.set(values.subarray(from, from + (bx - ax) * c), ((y - ty * TILE) * TILE + ax - tx * TILE) * c);
      }
      this.put(tx, ty, tile);
    }
  }
}

function single(channels, value) {
  const name = value.join();
  const key = `${channels}:${name}`;
  if (!uniform.has(key)) {
    const tile = new Uint8Array(PIXELS * channels);
    for (let i = 0; i < tile.length; i += channels) tile.set(value, i);
    uniform.set(key, new Tile(tile, false));
  }
  return uniform.get(key);
}

function isUniform(tile, channels) {
  if (channels === 4 && tile.byteOffset % 4) return false;
  const values = channels === 4 ? new Uint32Array(tile.buffer, tile.byteOffset, tile.length / 4) : tile;
  const [first] = values;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}

/** The tiles that a box touches, row by row, as [column, row]. */
export function* places([x0, y0, x1, y1]) {
  if (x0 >= x1 || y0 >= y1) return;
  for (let y = Math.floor(y0 / TILE); y < Math.ceil(y1 / TILE); y++) {
    for (let x = Math.floor(x0 / TILE); x < Math.ceil(x1 / TILE); x++) yield [x, y];
  }
}

export function intersection(a, b) {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/** A tile's bytes, made transparent outside of a document of a size. */
export function cut(tile, x, y, [width, height]) {
  const [right, below] = [Math.max(0, width - x * TILE), Math.max(0, height - y * TILE)];
  if (below < TILE) tile.fill(0, below * TILE * 4);
  if (right < TILE) for (let row = 0; row < TILE; row++) tile.fill(0, (row * TILE + right) * 4, (row + 1) * TILE * 4);
  return tile;
}

/** A plane moved by whole pixels. */
export function shifted(plane, dx, dy) {
  const out = new Plane(plane.channels, plane.blank);
  const bounds = plane.bounds();
  if (!bounds) return out;
  if (dx % TILE === 0 && dy % TILE === 0) {
    for (const [key, tile] of plane.tiles) {
      const [x, y] = placeOf(key);
      out.tiles.set(keyOf(x + dx / TILE, y + dy / TILE), tile);
    }
    return out;
  }
  for (const [x, y] of places([bounds[0] + dx, bounds[1] + dy, bounds[2] + dx, bounds[3] + dy])) {
    const from = [x * TILE - dx, y * TILE - dy];
    out.put(x, y, plane.read([from[0], from[1], from[0] + TILE, from[1] + TILE]));
  }
  return out;
}
