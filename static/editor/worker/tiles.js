// Tiles: bytes that never change, as they are or packed by the kernels (packing.js). A tile stays the same object either way: by it
// is known what has changed.

export const TILE = 256;
export const PIXELS = TILE * TILE;
export const MOST = 320; // tiles that are kept as they are: 80 MB

let packer = null; // the kernels that pack; without them nothing is ever packed
export const known = []; // weak references to tiles that can be packed
let clock = 0;

export class Tile {
  constructor(bytes, packs = true) {
    this.raw = bytes;
    this.packed = null;
    this.rough = false; // packed by the codec for what is as rough as noise
    this.held = null; // { kernels, at }: where its bytes lie until `bytes` or `settle` brings them here
    this.size = bytes.length;
    this.used = clock++;
    this.solid = null;
    if (packs && packer) known.push(new WeakRef(this));
  }

  /** A tile whose bytes lie in the kernels' memory, and stay as they are there until it is settled. */
  static holding(kernels, at, size) {
    const tile = new Tile(kernels.bytes(at, size));
    Object.assign(tile, { raw: null, held: { kernels, at } });
    return tile;
  }

  /** Its bytes, to be read only. */
  get bytes() {
    this.used = clock++;
    if (this.held) this.settle();
    if (!this.raw) {
      const mark = packer.next;
      const at = packer.room(this.size);
      this.into(packer, at);
      this.raw = packer.bytes(at, this.size).slice();
      packer.reset(mark);
    }
    return this.raw;
  }

  /** Copies its bytes out of the kernels' memory, which is of use for others then. */
  settle() {
    if (!this.held) return;
    const { kernels, at } = this.held;
    this.raw = kernels.bytes(at, this.size).slice();
    this.held = null;
  }

  /** Writes its bytes to an address. */
  into(kernels, at) {
    if (this.held) {
      kernels.all.copyWithin(at, this.held.at, this.held.at + this.size);
      return;
    }
    if (this.raw) {
      kernels.all.set(this.raw, at);
      return;
    }
    const mark = kernels.next;
    const from = kernels.put(this.packed);
    if (this.rough) kernels.run.rough_decode(at, TILE, from, this.packed.length);
    else kernels.run[this.size === PIXELS ? 'mask_decode' : 'tile_decode'](at, PIXELS, from, this.packed.length);
    kernels.reset(mark);
  }

  /** Whether it is of pixels none of which is transparent. */
  get opaque() {
    if (this.size === PIXELS) return false;
    this.solid ??= isOpaque(this.bytes);
    return this.solid;
  }
}

/** Whether no pixel of a tile's bytes is transparent. */
export function isOpaque(bytes) {
  // Eight pixels at once, and in whole numbers of 32 bits: an undo asks this of every tile that is seen.
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i += 8) {
    const all = words[i] & words[i + 1] & words[i + 2] & words[i + 3] & words[i + 4] & words[i + 5] & words[i + 6] & words[i + 7];
    if (all >>> 24 !== 255) return false;
  }
  return true;
}

/** From now on tiles are packed by these kernels. */
export function packBy(kernels) {
  packer = kernels;
}

/** Whether there may be more tiles than are kept as they are. */
export const crowded = () => known.length > MOST;
