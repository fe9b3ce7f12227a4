// Planes of a preview, which hold no pixels of their own.
import { Tile } from './tiles.js';

/** A plane whose tiles are made when they are asked for: who extends it says how, by `get`. */
export class Made {
  has() {
    return true;
  }

  at(x, y) {
    return this.has(x, y) ? new Tile(this.get(x, y), false) : undefined;
  }

  putInto(kernels, x, y) {
    return kernels.put(this.get(x, y));
  }
}
