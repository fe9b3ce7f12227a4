// The picture of a tree of layers, tile by tile, by the kernels. The twin of editor/replay/compositing.py.
import { MODES } from './layers.js';
import { PIXELS, places } from './planes.js';

const MODE = Object.fromEntries(MODES.map((name, number) => [name, number]));
export const modeNumber = (name) => MODE[name];

/** One tile of what the layers show together, as fresh bytes. Takes room after what the caller holds, and gives it back. */
export function tileOf(kernels, layers, x, y) {
  const mark = kernels.next;
  const target = transparent(kernels);
  draw(kernels, target, layers, x, y, true);
  const tile = kernels.bytes(target, 4 * PIXELS).slice();
  kernels.reset(mark);
  return tile;
}

/** Draws siblings over the tile at `target`, bottom first; clipped layers go onto the one they are clipped to.
 * blank: nothing is there yet, so that a plain layer is copied instead of composed, which gives the same bytes. */
export function draw(kernels, target, layers, x, y, blank = false) {
  for (let index = blank ? floorOf(layers, x, y) : 0; index < layers.length;) {
    const base = layers[index++];
    const clipped = [];
    while (index < layers.length && layers[index].clip) clipped.push(layers[index++]);
    if (!base.visible) continue;
    if (blank && !clipped.length && isPlain(base)) {
      if (!base.pixels.has(x, y)) continue;
      base.pixels.at(x, y).into(kernels, target);
      blank = false;
      continue;
    }
    blank = false;
    if (base.group && base.through && base.mode === 'normal' && !clipped.length) {
      drawThrough(kernels, target, base, x, y);
      continue;
    }
    const source = pixelsOf(kernels, base, x, y);
    if (source === null) continue;
    for (const layer of clipped) {
      const above = layer.visible ? pixelsOf(kernels, layer, x, y) : null;
      if (above === null) continue;
      kernels.run.composite_atop(source, above, maskOf(kernels, layer, x, y), PIXELS, layer.opacity, MODE[layer.mode]);
    }
    kernels.run.composite(target, source, maskOf(kernels, base, x, y), PIXELS, base.opacity, MODE[base.mode]);
  }
}

/** The topmost of siblings that hides all that lies below it on a tile, so that only what is above is laid over it. */
function floorOf(layers, x, y) {
  for (let index = layers.length - 1; index > 0; index--) if (hides(layers, index, x, y)) return index;
  return 0;
}

function hides(layers, index, x, y) {
  const layer = layers[index];
  return layer.visible && !layer.clip && !layers[index + 1]?.clip && isPlain(layer) && (layer.pixels.at(x, y)?.opaque ?? false);
}

/** The tile of a layer that is all that is seen at a place, or null. */
export function soleTile(layers, x, y) {
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    if (hides(layers, index, x, y)) return layer.pixels.at(x, y);
    if (layer.visible && (layer.group || layer.pixels.has(x, y))) return null;
  }
  return null;
}

function isPlain(layer) {
  return !layer.group && layer.mode === 'normal' && layer.opacity === 255 && !(layer.mask && layer.mask_on);
}

/** A group that lets its backdrop through: its children blend with what is below, then opacity and mask of it. */
function drawThrough(kernels, target, group, x, y) {
  if (group.opacity === 255 && !(group.mask && group.mask_on)) {
    draw(kernels, target, group.children, x, y);
    return;
  }
  const after = kernels.room(4 * PIXELS);
  kernels.all.copyWithin(after, target, target + 4 * PIXELS);
  draw(kernels, after, group.children, x, y);
  kernels.run.mix(target, after, maskOf(kernels, group, x, y), PIXELS, group.opacity);
}

function pixelsOf(kernels, layer, x, y) {
  if (layer.group) {
    const target = transparent(kernels);
    draw(kernels, target, layer.children, x, y, true);
    return target;
  }
  return layer.pixels.has(x, y) ? layer.pixels.putInto(kernels, x, y) : null;
}

function maskOf(kernels, layer, x, y) {
  return layer.mask && layer.mask_on ? layer.mask.putInto(kernels, x, y) : 0;
}

function transparent(kernels) {
  const at = kernels.room(4 * PIXELS);
  kernels.all.fill(0, at, at + 4 * PIXELS);
  return at;
}

const numbers = new WeakMap(); // of tiles
let count = 0;

function numberOf(plane, x, y) {
  const tile = plane.at(x, y);
  if (!tile) return `-${plane.blank}`;
  if (!numbers.has(tile)) numbers.set(tile, (count += 1));
  return numbers.get(tile);
}

/** What a plane holds inside of a document, as text: what has the same text looks the same. */
export function planePrint(plane, [width, height]) {
  const parts = [width, height];
  for (const [x, y] of places([0, 0, width, height])) parts.push(numberOf(plane, x, y));
  return parts.join();
}

/** What a tile is made of, as text: what has the same text looks the same. */
export function printOf(layers, x, y) {
  const parts = layers.map((layer) => {
    const { visible, clip, through, mode, opacity, group, pixels, children, mask, mask_on } = layer;
    const own = group ? printOf(children, x, y) : numberOf(pixels, x, y);
    return [visible, clip, through, mode, opacity, mask && mask_on ? numberOf(mask, x, y) : 0, group, own].join();
  });
  return `${x} ${y} (${parts.join(';')})`;
}
