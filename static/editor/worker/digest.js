// The hash of a document's pixels; see docs/editor.md.
import { tileOf } from './compositor.js';
import { cut, places } from './planes.js';

/** The hash of a document's pixels: SHA-256 over the SHA-256 of each tile, row by row; what lies outside is transparent. */
export async function digestOf(kernels, layers, size) {
  const digests = [];
  for (const [x, y] of places([0, 0, ...size])) {
    const tile = cut(tileOf(kernels, layers, x, y, size), x, y, size);
    digests.push(new Uint8Array(await crypto.subtle.digest('SHA-256', tile)));
  }
  const whole = new Uint8Array(32 * digests.length);
  digests.forEach((digest, i) => whole.set(digest, 32 * i));
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
}

export const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
