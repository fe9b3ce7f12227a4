// What a preview is composed of: layers and masks at a smaller level, and what lies below and above the layer that is tried.
import { Made } from './made.js';
import { PIXELS, TILE, Tile } from './tiles.js';

const keyOf = (x, y) => (y + 32768) * 65536 + x + 32768;

/** A plane of pixels at half the size of another one. */
export class Half extends Made {
  constructor(kernels, plane) {
    super();
    this.kernels = kernels;
    this.channels = 4;
    this.plane = plane;
    this.made = new Map(); // by place: the four tiles that a tile was made of, and the tile
  }

  four(x, y) {
    return [0, 1, 2, 3].map((quarter) => [2 * x + (quarter & 1), 2 * y + (quarter >> 1)]);
  }

  has(x, y) {
    return this.four(x, y).some(([sx, sy]) => this.plane.has(sx, sy));
  }

  get(x, y) {
    return this.at(x, y).bytes;
  }

  at(x, y) {
    const parts = this.four(x, y).map(([sx, sy]) => this.plane.at(sx, sy));
    if (!parts.some(Boolean)) return undefined;
    const key = keyOf(x, y);
    const before = this.made.get(key);
    if (before && before.parts.every((part, i) => part === parts[i])) return before.tile;
    const { kernels } = this;
    const mark = kernels.next;
    const target = kernels.room(4 * PIXELS);
    const source = kernels.room(4 * PIXELS);
    parts.forEach((part, quarter) => {
      if (part) part.into(kernels, source);
      else kernels.all.fill(0, source, source + 4 * PIXELS);
      kernels.run.tile_half(target, source, quarter & 1, quarter >> 1);
    });
    const tile = new Tile(kernels.bytes(target, 4 * PIXELS).slice(), false);
    kernels.reset(mark);
    this.made.set(key, { parts, tile });
    return tile;
  }
}

/** A mask at a smaller level: one of the pixels that would be averaged. */
export class Sampled extends Made {
  constructor(plane, level) {
    super();
    Object.assign(this, { plane, level, made: new Map() });
  }

  get(x, y) {
    const key = keyOf(x, y);
    if (!this.made.has(key)) {
      const { plane, level } = this;
      const tile = new Uint8Array(PIXELS);
      const [left, top] = [x * TILE, y * TILE];
      for (let row = 0; row < TILE; row++) {
        const py = (top + row) << level;
        for (let column = 0; column < TILE; column++) {
          const px = (left + column) << level;
          tile[row * TILE + column] = plane.get(px >> 8, py >> 8)[(py & 255) * TILE + (px & 255)];
        }
      }
      this.made.set(key, tile);
    }
    return this.made.get(key);
  }
}

/** What lies below or above the layer that is tried, composed once for each tile. */
export class Composed extends Made {
  constructor(preview, layers, level) {
    super();
    Object.assign(this, { preview, layers, level, made: new Map() });
  }

  has(x, y) {
    return this.layers.some((layer) => layer.group || layer.adjust || layer.pixels.has(x, y));
  }

  get(x, y) {
    return this.at(x, y).bytes;
  }

  at(x, y) {
    const key = keyOf(x, y);
    if (!this.made.has(key)) this.made.set(key, this.has(x, y) ? new Tile(this.preview.composed(this.layers, this.level, x, y), false) : undefined);
    return this.made.get(key);
  }
}
