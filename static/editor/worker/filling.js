// Filling what is selected: a colour, a gradient, what lies around it, nothing. The twin of editor/replay/filling.py.
import { modeNumber } from './layers.js';
import { PIXELS, Plane, TILE, intersection, placeOf, places, shifted } from './planes.js';

const GRADIENTS = { linear: 0, radial: 1, conic: 2 };

/** Lays a picture over a layer where it is selected; source(address, x, y) draws the tile whose corner is (x, y). */
export function laidOver(kernels, pixels, selection, size, source, { opacity, mode, lockAlpha }) {
  const mark = kernels.next;
  const kernel = lockAlpha ? kernels.run.composite_atop : kernels.run.composite;
  for (const [x, y] of places([0, 0, ...size])) {
    if (selection && !selection.blank && !selection.has(x, y)) continue;
    const target = kernels.put(pixels.get(x, y));
    const drawn = kernels.room(4 * PIXELS);
    const mask = kernels.put(maskOf(selection, x, y, size));
    source(drawn, x * TILE, y * TILE);
    kernel(target, drawn, mask, PIXELS, opacity, modeNumber(mode));
    pixels.put(x, y, kernels.bytes(target, 4 * PIXELS).slice());
    kernels.reset(mark);
  }
}

/** A source of one colour (red | green << 8 | blue << 16 | alpha << 24). */
export function colour(kernels, rgba) {
  return (at) => new Uint32Array(kernels.memory.buffer, at, PIXELS).fill(rgba);
}

/** A source of a gradient between two points in sixteenths; ramp: 1024 colours. */
export function gradient(kernels, ramp, [ax, ay], [bx, by], kind) {
  return (at, x, y) => kernels.run.gradient(at, kernels.put(ramp), x, y, TILE, TILE, ax, ay, bx, by, GRADIENTS[kind]);
}

/** 1024 colours between stops [position 0..1023, rgba], mixed evenly, in the order of their positions. */
export function rampOf(stops) {
  const ordered = [...stops].sort((a, b) => a[0] - b[0]);
  const out = new Uint8Array(4096);
  for (let t = 0; t < 1024; t++) {
    const [at, a] = ordered.filter((stop) => stop[0] <= t).at(-1) ?? ordered[0];
    const [to, b] = ordered.find((stop) => stop[0] > t) ?? ordered.at(-1);
    const span = to - at;
    for (let k = 0; k < 4; k++) {
      const [low, high] = [(a >>> (8 * k)) & 255, (b >>> (8 * k)) & 255];
      out[4 * t + k] = span <= 0 ? low : Math.floor((low * (to - t) + high * (t - at) + Math.floor(span / 2)) / span);
    }
  }
  return out;
}

/** Takes away what is selected of a layer. */
export function cleared(kernels, pixels, selection, size) {
  const mark = kernels.next;
  for (const key of [...pixels.tiles.keys()]) {
    const [x, y] = placeOf(key);
    const at = kernels.put(pixels.get(x, y));
    const mask = kernels.put(maskOf(selection, x, y, size));
    kernels.run.mask_invert(mask, PIXELS);
    kernels.run.apply_mask(at, mask, PIXELS);
    pixels.put(x, y, kernels.bytes(at, 4 * PIXELS).slice());
    kernels.reset(mark);
  }
}

/** Moves what is selected of a layer by whole pixels and lays it over the rest; a copy stays where it is too. */
export function carried(kernels, pixels, selection, size, dx, dy, copy) {
  const found = lifted(kernels, pixels, selection, size);
  if (!copy) cleared(kernels, pixels, selection, size);
  laid(kernels, pixels, shifted(found, dx, dy));
}

/** What is selected of a layer, which stays what it is. */
export function lifted(kernels, pixels, selection, size) {
  const mark = kernels.next;
  const out = new Plane();
  for (const key of [...pixels.tiles.keys()]) {
    const [x, y] = placeOf(key);
    const at = kernels.put(pixels.get(x, y));
    kernels.run.apply_mask(at, kernels.put(maskOf(selection, x, y, size)), PIXELS);
    out.put(x, y, kernels.bytes(at, 4 * PIXELS).slice());
    kernels.reset(mark);
  }
  return out;
}

/** Lays pixels over a layer. */
export function laid(kernels, pixels, above) {
  const mark = kernels.next;
  const everywhere = new Uint8Array(PIXELS).fill(255);
  for (const key of [...above.tiles.keys()]) {
    const [x, y] = placeOf(key);
    const at = kernels.put(pixels.get(x, y));
    kernels.run.composite(at, kernels.put(above.get(x, y)), kernels.put(everywhere), PIXELS, 255, modeNumber('normal'));
    pixels.put(x, y, kernels.bytes(at, 4 * PIXELS).slice());
    kernels.reset(mark);
  }
}

/** What of a tile is selected and inside of the document, as fresh bytes. */
function maskOf(selection, x, y, [width, height]) {
  const tile = selection ? selection.get(x, y).slice() : new Uint8Array(PIXELS).fill(255);
  const [right, below] = [Math.max(0, width - x * TILE), Math.max(0, height - y * TILE)];
  if (below < TILE) tile.fill(0, below * TILE);
  if (right < TILE) for (let row = 0; row < TILE; row++) tile.fill(0, row * TILE + right, (row + 1) * TILE);
  return tile;
}
