// The picture of a tree of layers, tile by tile, by the kernels. The twin of editor/replay/compositing.py.
import { modeNumber } from './layers.js';
import { part } from './parts.js';
import { PIXELS, places } from './planes.js';

/** One tile of what layers show together in a document of a size, as fresh bytes. Takes room after what the caller holds, and gives it back. */
export function tileOf(kernels, layers, x, y, size) {
  const mark = kernels.next;
  const target = transparent(kernels);
  draw(kernels, target, layers, { x, y, level: 0, size }, true);
  const tile = kernels.bytes(target, 4 * PIXELS).slice();
  kernels.reset(mark);
  return tile;
}

/** Draws siblings over the tile at `target`, bottom first; clipped layers go onto the one they are clipped to.
 * at: { x, y, level, size }: which tile it is, of which level (their planes' too), and the document's size.
 * blank: nothing is there yet, so that a plain layer is copied instead of composed, which gives the same bytes. */
export function draw(kernels, target, layers, at, blank = false) {
  const { x, y } = at;
  for (let index = blank ? floorOf(layers, x, y) : 0; index < layers.length;) {
    const base = layers[index++];
    const clipped = [];
    while (index < layers.length && layers[index].clip) clipped.push(layers[index++]);
    if (!base.visible || (blank && base.adjust)) continue;
    if (blank && !clipped.length && isPlain(base)) {
      if (!base.pixels.has(x, y)) continue;
      base.pixels.at(x, y).into(kernels, target);
      blank = false;
      continue;
    }
    blank = false;
    if (base.group && base.through && base.mode === 'normal' && !clipped.length) {
      drawThrough(kernels, target, base, at);
      continue;
    }
    if (base.adjust) {
      drawAdjustment(kernels, target, base, clipped, at);
      continue;
    }
    const source = pixelsOf(kernels, base, at);
    if (source === null) continue;
    drawClipped(kernels, source, clipped, at);
    kernels.run.composite(target, source, maskOf(kernels, base, x, y), PIXELS, base.opacity, modeNumber(base.mode));
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
    if (layer.visible && (layer.group || layer.adjust || layer.pixels.has(x, y))) return null;
  }
  return null;
}

function isPlain(layer) {
  return !layer.group && layer.mode === 'normal' && layer.opacity === 255 && !(layer.mask && layer.mask_on);
}

/** Draws layers onto the pixels at `target`, which keep their alpha. */
function drawClipped(kernels, target, layers, at) {
  for (const layer of layers) {
    if (!layer.visible) continue;
    if (layer.adjust) {
      adjust(kernels, target, layer, at);
      continue;
    }
    const above = pixelsOf(kernels, layer, at);
    if (above !== null) kernels.run.composite_atop(target, above, maskOf(kernels, layer, at.x, at.y), PIXELS, layer.opacity, modeNumber(layer.mode));
  }
}

/** Changes what is below; layers that are clipped to an adjustment show where it does, and as much. */
function drawAdjustment(kernels, target, layer, clipped, at) {
  if (!clipped.length) {
    adjust(kernels, target, layer, at);
    return;
  }
  const after = copied(kernels, target);
  adjust(kernels, after, { ...layer, mask: null, opacity: 255 }, at);
  drawClipped(kernels, after, clipped, at);
  kernels.run.mix(target, after, maskOf(kernels, layer, at.x, at.y), PIXELS, layer.opacity);
}

function adjust(kernels, target, layer, at) {
  part('adjustments').adjust(kernels, target, layer.adjust, maskOf(kernels, layer, at.x, at.y), layer.opacity, modeNumber(layer.mode), at);
}

/** A group that lets its backdrop through: its children blend with what is below, then opacity and mask of it. */
function drawThrough(kernels, target, group, at) {
  if (group.opacity === 255 && !(group.mask && group.mask_on)) {
    draw(kernels, target, group.children, at);
    return;
  }
  const after = copied(kernels, target);
  draw(kernels, after, group.children, at);
  kernels.run.mix(target, after, maskOf(kernels, group, at.x, at.y), PIXELS, group.opacity);
}

function pixelsOf(kernels, layer, at) {
  if (layer.group) {
    const target = transparent(kernels);
    draw(kernels, target, layer.children, at, true);
    return target;
  }
  return layer.pixels.has(at.x, at.y) ? layer.pixels.putInto(kernels, at.x, at.y) : null;
}

function maskOf(kernels, layer, x, y) {
  return layer.mask && layer.mask_on ? layer.mask.putInto(kernels, x, y) : 0;
}

function copied(kernels, tile) {
  const at = kernels.room(4 * PIXELS);
  kernels.all.copyWithin(at, tile, tile + 4 * PIXELS);
  return at;
}

function transparent(kernels) {
  const at = kernels.room(4 * PIXELS);
  kernels.all.fill(0, at, at + 4 * PIXELS);
  return at;
}

const numbers = new WeakMap(); // of tiles and adjustments, which are never changed
let count = 0;

function numberOf(thing) {
  if (!numbers.has(thing)) numbers.set(thing, (count += 1));
  return numbers.get(thing);
}

function tileNumber(plane, x, y) {
  const tile = plane.at(x, y);
  return tile ? numberOf(tile) : `-${plane.blank}`;
}

/** What a plane holds inside of a document, as text: what has the same text looks the same. */
export function planePrint(plane, [width, height]) {
  const parts = [width, height];
  for (const [x, y] of places([0, 0, width, height])) parts.push(tileNumber(plane, x, y));
  return parts.join();
}

/** What a tile is made of, as text: what has the same text looks the same. */
export function printOf(layers, x, y) {
  const parts = layers.map((layer) => {
    const { visible, clip, through, mode, opacity, group, pixels, children, mask, mask_on, adjust: by } = layer;
    const own = group ? printOf(children, x, y) : tileNumber(pixels, x, y);
    return [visible, clip, through, mode, opacity, mask && mask_on ? tileNumber(mask, x, y) : 0, group, by ? numberOf(by) : 0, own].join();
  });
  return `${x} ${y} (${parts.join(';')})`;
}
