// Where retouching takes pixels from: a layer, or all that is seen up to it. The twin of editor/replay/retouch/sources.py.
import { copyLayer } from '../layers.js';
import { PIXELS, Plane, TILE, cut } from '../planes.js';

/** Layers up to one of them, without those above it, also in its groups; null where it isn't among them. */
export function upTo(layers, id) {
  for (const [index, layer] of layers.entries()) {
    if (layer.id === id) return layers.slice(0, index + 1);
    const inner = upTo(layer.children, id);
    if (inner) return [...layers.slice(0, index), { ...layer, children: inner }];
  }
  return null;
}

/** The pixels that are taken, as a plane whose tiles are made when they are first read. Layers that change meanwhile don't change it. */
export function pictureFor(document, layer, body) {
  return body.all ? new Seen(document, upTo(document.layers, layer.id).map(copyLayer)) : layer.pixels.copy();
}

class Seen extends Plane {
  constructor(document, layers) {
    super();
    Object.assign(this, { document, layers });
    this.drawn = new Set();
  }

  at(x, y) {
    const { size } = this.document;
    const key = `${x} ${y}`;
    if (!this.drawn.has(key) && x >= 0 && y >= 0 && x * TILE < size[0] && y * TILE < size[1]) {
      this.drawn.add(key);
      this.put(x, y, cut(this.document.tileOf(this.layers, x, y), x, y, size));
    }
    return super.at(x, y);
  }
}

/** The pixels of a tile, moved. */
export function boxOf(x, y, dx = 0, dy = 0) {
  return [x * TILE + dx, y * TILE + dy, x * TILE + TILE + dx, y * TILE + TILE + dy];
}

export const BYTES = 4 * PIXELS;
