// Which tiles look different between two states of a document, so that undo draws these and no others.
import { placeOf } from './planes.js';

const LOOK = ['visible', 'opacity', 'mode', 'through', 'mask_on', 'adjust'];

/** The tiles, as [x, y], that differ between two lists of layers; null where everything may. */
export function changedTiles(before, after) {
  const keys = new Set();
  return collect(keys, before, after) ? [...keys].map(placeOf) : null;
}

function collect(keys, before, after) {
  const was = new Map(before.map((layer) => [layer.id, layer]));
  const is = new Map(after.map((layer) => [layer.id, layer]));
  const stayed = (list, other) => list.filter((layer) => other.has(layer.id)).map((layer) => layer.id).join();
  if (stayed(before, is) !== stayed(after, was)) return false;
  for (const layer of before) if (!is.has(layer.id) && !whole(keys, layer)) return false;
  for (const layer of after) if (!was.has(layer.id) && !whole(keys, layer)) return false;
  return after.every((layer) => !was.has(layer.id) || differing(keys, was.get(layer.id), layer));
}

function differing(keys, before, after) {
  if (before.clip !== after.clip) return false;
  if (!before.mask !== !after.mask || LOOK.some((name) => before[name] !== after[name])) {
    if (!whole(keys, before) || !whole(keys, after)) return false;
  }
  compare(keys, before.pixels, after.pixels);
  if (before.mask && after.mask) {
    if (before.mask.blank !== after.mask.blank) return false;
    compare(keys, before.mask, after.mask);
  }
  return collect(keys, before.children, after.children);
}

/** Everything that a layer shows; false where that has no bounds. A group with a mask or a mode of its own shows no more than its children do. */
function whole(keys, layer) {
  if (layer.adjust) return false; // it may reach everywhere
  for (const key of layer.pixels.tiles.keys()) keys.add(key);
  return layer.children.every((child) => whole(keys, child));
}

function compare(keys, before, after) {
  for (const [key, tile] of before.tiles) if (after.tiles.get(key) !== tile) keys.add(key);
  for (const key of after.tiles.keys()) if (!before.tiles.has(key)) keys.add(key);
}
