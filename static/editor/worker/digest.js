// The hash of a document's pixels; see docs/editor.md.
import { tileOf } from './compositor.js';
import { TILE, places } from './planes.js';

/** The hash of a document's pixels: SHA-256 over the SHA-256 of each tile, row by row; what lies outside is transparent. */
export async function digestOf(kernels, layers, [width, height]) {
  const digests = [];
  for (const [x, y] of places([0, 0, width, height])) {
    const tile = tileOf(kernels, layers, x, y, [width, height]);
    tile.fill(0, Math.min(TILE, height - y * TILE) * TILE * 4);
    const right = Math.min(TILE, width - x * TILE);
    if (right < TILE) for (let row = 0; row < TILE; row++) tile.fill(0, (row * TILE + right) * 4, (row + 1) * TILE * 4);
    digests.push(new Uint8Array(await crypto.subtle.digest('SHA-256', tile)));
  }
  const whole = new Uint8Array(32 * digests.length);
  digests.forEach((digest, i) => whole.set(digest, 32 * i));
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
}

export const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
