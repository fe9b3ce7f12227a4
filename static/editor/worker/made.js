// Planes of a preview, which hold no pixels of their own.
import { intersection, places } from './planes.js';
import { PIXELS, TILE, Tile, isOpaque } from './tiles.js';

/** A tile that is made where it is wanted in the kernels' memory. */
class Late {
  constructor(plane, x, y) {
    Object.assign(this, { plane, x, y, address: 0 });
  }

  into(kernels, at) {
    if (this.address) kernels.all.copyWithin(at, this.address, this.address + 4 * PIXELS);
    else this.plane.fillInto(kernels, at, this.x, this.y);
  }

  /** Asked for before the tile is drawn: it is made once for both. The room is given back with that of whoever draws. */
  get opaque() {
    const { kernels } = this.plane.preview;
    if (!this.address) {
      const at = this.plane.putInto(kernels, this.x, this.y);
      this.solid = isOpaque(kernels.bytes(at, 4 * PIXELS));
      this.address = at;
    }
    return this.solid;
  }
}

/** A plane whose tiles are made when they are asked for: who extends it says how, by `get`, or by `fillInto(kernels, at, x, y)`, which
 * writes a tile to an address, and has a `preview` and `channels`. */
export class Made {
  has() {
    return true;
  }

  at(x, y) {
    if (!this.has(x, y)) return undefined;
    if (!this.fillInto) return new Tile(this.get(x, y), false);
    const { turn } = this.preview;
    if (this.late?.x !== x || this.late.y !== y || this.turn !== turn) Object.assign(this, { turn, late: new Late(this, x, y) });
    return this.late;
  }

  get(x, y) {
    const { kernels } = this.preview;
    const mark = kernels.next;
    const tile = kernels.bytes(this.putInto(kernels, x, y), PIXELS * this.channels).slice();
    kernels.reset(mark);
    return tile;
  }

  putInto(kernels, x, y) {
    if (!this.fillInto) return kernels.put(this.get(x, y));
    const at = kernels.room(PIXELS * this.channels);
    this.fillInto(kernels, at, x, y);
    return at;
  }
}

const BLANK = new Uint8Array(4 * PIXELS);
/** Room that boxes of planes are read into, again and again: fresh megabytes for every frame cost more than what is done with them. */
export class Rows {
  constructor() {
    this.bytes = new Uint8Array(0);
  }

  /** So many bytes of it. */
  room(size) {
    if (this.bytes.length < size) this.bytes = new Uint8Array(size);
    return this.bytes.subarray(0, size);
  }

  /** A box of a plane as one array of rows, which is of use until the next call. */
  read(plane, box) {
    const c = plane.channels;
    const [x0, y0, x1, y1] = box;
    const out = this.room((x1 - x0) * (y1 - y0) * c);
    for (const [tx, ty] of places(box)) {
      const tile = c === 1 || plane.has(tx, ty) ? plane.get(tx, ty) : BLANK;
      const [ax, ay, bx, by] = intersection([tx * TILE, ty * TILE, tx * TILE + TILE, ty * TILE + TILE], box);
      for (let y = ay; y < by; y++) {
        const from = ((y - ty * TILE) * TILE + ax - tx * TILE) * c;
        out.set(tile.subarray(from, from + (bx - ax) * c), ((y - y0) * (x1 - x0) + ax - x0) * c);
      }
    }
    return out;
  }
}

/** A box of a plane with a number for each pixel, which is of use until the preview asks for the next one. */
export function boxed({ rows }, plane, box) {
  const out = rows.read(plane, box);
  return numbered(out.buffer, 0, out.length, plane.channels);
}

/** Bytes of a buffer as a number for each pixel. */
export const numbered = (buffer, at, size, channels) => (channels === 4 ? new Uint32Array(buffer, at, size / 4) : new Uint8Array(buffer, at, size));
