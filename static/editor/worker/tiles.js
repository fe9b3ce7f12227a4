// Tiles: bytes that never change, as they are or packed by the kernels (packing.js). A tile stays the same object either way: by it
// is known what has changed.

export const TILE = 256;
export const PIXELS = TILE * TILE;
export const MOST = 512; // tiles that are kept as they are: 128 MB

let packer = null; // the kernels that pack; without them nothing is ever packed
export const known = []; // weak references to tiles that can be packed
let clock = 0;

export class Tile {
  constructor(bytes, packs = true) {
    this.raw = bytes;
    this.packed = null;
    this.size = bytes.length;
    this.used = clock++;
    this.solid = null;
    if (packs && packer) known.push(new WeakRef(this));
  }

  /** Its bytes, to be read only. */
  get bytes() {
    this.used = clock++;
    if (!this.raw) {
      const mark = packer.next;
      const at = packer.room(this.size);
      this.into(packer, at);
      this.raw = packer.bytes(at, this.size).slice();
      packer.reset(mark);
    }
    return this.raw;
  }

  /** Writes its bytes to an address. */
  into(kernels, at) {
    if (this.raw) {
      kernels.all.set(this.raw, at);
      return;
    }
    const mark = kernels.next;
    const from = kernels.put(this.packed);
    if (this.packed.length === 3 * PIXELS) kernels.run.to_rgba(at, from, PIXELS, 3);
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
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] < 0xff000000) return false;
  return true;
}

/** From now on tiles are packed by these kernels. */
export function packBy(kernels) {
  packer = kernels;
}

/** Whether there may be more tiles than are kept as they are. */
export const crowded = () => known.length > MOST;
