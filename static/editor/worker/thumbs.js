// Small pictures of layers for the list: sampled, since nobody reads pixels in them.
import { TILE } from './planes.js';

/** A layer, or its mask, as RGBA of at most `side` pixels. */
export function thumbOf(plane, [width, height], side) {
  const scale = Math.max(width, height) / side;
  const [w, h] = [Math.max(1, Math.round(width / scale)), Math.max(1, Math.round(height / scale))];
  const data = new Uint8ClampedArray(4 * w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const px = Math.min(width - 1, Math.floor((x + 0.5) * width / w));
      const py = Math.min(height - 1, Math.floor((y + 0.5) * height / h));
      const tile = plane.get(px >> 8, py >> 8);
      const at = (py % TILE) * TILE + (px % TILE);
      const to = 4 * (y * w + x);
      if (plane.channels === 4) data.set(tile.subarray(4 * at, 4 * at + 4), to);
      else data.set([tile[at], tile[at], tile[at], 255], to);
    }
  }
  return { width: w, height: h, data };
}
