// What happens to layers as a whole. The twin of editor/replay/arranging.py. Loaded before the first operation that does.
import { Impossible, MOST_LAYERS, copyLayer, find, homeOf, insert, isDrawn, newLayer, remove, target, unlocked, walk } from './layers.js';
import { followedBy, part } from './parts.js';
import { Plane, shifted } from './planes.js';

function flatten(document, body) {
  document.layers = [newLayer({ id: body.layer, name: body.name, pixels: document.shown(document.layers) })];
}

function add(document, body) {
  const { words, job, adjust = null, shape = null, text = null } = body;
  const layer = newLayer({ id: body.layer, name: body.name, group: body.group_layer ?? false, adjust, shape, text, words, job });
  if (shape) part('shapes').begin(document, layer);
  if (text) part('text').begin(document, layer);
  if (body.asset) layer.pixels = shifted(document.assets(body.asset).plane, body.x ?? 0, body.y ?? 0);
  if (body.mask) layer.mask = alphaAt(document, body.mask, body);
  else if (body.mask_from_selection && document.selection) layer.mask = document.selection.copy();
  stand(document, layer, body);
}

/** The alpha of a picture that stands at (x, y) as a mask; nothing is shown beside it. */
function alphaAt(document, sha256, { x = 0, y = 0 }) {
  return shifted(part('select').alphas(document.assets(sha256).plane), x, y);
}

function stand(document, layer, { group = null, above = null }) {
  const known = new Set([...walk(document.layers)].map((other) => other.id));
  const fresh = [...walk([layer])];
  if (fresh.some((other) => known.has(other.id))) throw new Impossible('A layer with this id exists already.');
  if (known.size + fresh.length > MOST_LAYERS) {
    throw new Impossible(`A document holds at most ${MOST_LAYERS} layers. Merge or delete some first.`);
  }
  insert(document.layers, layer, { group, above });
}

function move(document, body) {
  const layer = find(document.layers, body.layer);
  if (body.group !== null && [...walk([layer])].some((inner) => inner.id === body.group)) {
    throw new Impossible("A group can't be moved into itself.");
  }
  if (body.above === layer.id) throw new Impossible("A layer can't be moved above itself.");
  const before = document.layers;
  document.layers = before.map(copyLayer);
  try {
    insert(document.layers, remove(document.layers, layer.id), body);
  } catch (error) {
    document.layers = before;
    throw error;
  }
}

function set(document, { layer, back: _back, ...values }) {
  Object.assign(find(document.layers, layer), values);
}

function adjust(document, body) {
  const layer = unlocked(document, body);
  if (!layer.adjust) throw new Impossible('This layer is no adjustment.');
  layer.adjust = body.adjust;
}

function shape(document, body) {
  const layer = unlocked(document, body);
  if (!layer.shape) throw new Impossible('This layer is no shape.');
  layer.shape = body.shape;
  part('shapes').redraw(document, layer);
}

function text(document, body) {
  const layer = unlocked(document, body);
  if (!layer.text) throw new Impossible('This layer is no text.');
  layer.text = body.text;
  part('text').redraw(document, layer);
}

/** Turns a shape or a text into pixels: what it shows stays, and can be painted on. */
function rasterize(document, body) {
  const layer = unlocked(document, body);
  if (!isDrawn(layer)) throw new Impossible('This layer is no shape and no text.');
  Object.assign(layer, { shape: null, text: null, place: null });
}

function duplicate(document, body) {
  const twin = copyLayer(find(document.layers, body.layer));
  const all = [...walk([twin])];
  if (all.length !== body.ids.length) throw new Impossible('A copy of this layer needs as many ids as it holds layers.');
  all.forEach((layer, i) => { layer.id = body.ids[i]; });
  twin.name = body.name;
  const home = homeOf(document.layers, body.layer);
  const group = [...walk(document.layers)].find((other) => other.children === home)?.id ?? null;
  stand(document, twin, { group, above: body.layer });
}

/** Merges a layer into the one below it, or a group into one layer. */
function merge(document, body) {
  const home = homeOf(document.layers, body.layer);
  const index = home.findIndex((layer) => layer.id === body.layer);
  const parts = home[index].group ? [home[index]] : home.slice(Math.max(0, index - 1), index + 1);
  if (parts.length < 2 && !home[index].group) throw new Impossible('There is no layer below to merge with.');
  if (parts[0].adjust) throw new Impossible('An adjustment can only be merged into a layer that has pixels.');
  const merged = newLayer({ id: body.into, name: parts[0].name, pixels: document.shown(parts) });
  home.splice(home.indexOf(parts[0]), parts.length, merged);
}

function mask(document, body) {
  const layer = find(document.layers, body.layer);
  if (body.from === 'none') layer.mask = null;
  else if (body.from === 'asset') layer.mask = alphaAt(document, body.asset, body);
  else if (body.from === 'selection') layer.mask = (document.selection ?? new Plane(1, 255)).copy();
  else if (body.from === 'apply') {
    if (!layer.mask || layer.group || layer.adjust) throw new Impossible('This layer has no mask to apply.');
    target(layer, {});
    const inverse = part('select').inverted(document.kernels, layer.mask, document.size);
    part('filling').cleared(document.kernels, layer.pixels, inverse, document.size);
    layer.mask = null;
  } else layer.mask = new Plane(1, body.from === 'white' ? 255 : 0);
  layer.mask_on = true;
}

function shift(document, body) {
  const whole = unlocked(document, body);
  for (const layer of walk([whole])) {
    layer.pixels = shifted(layer.pixels, body.dx, body.dy);
    if (layer.mask) layer.mask = shifted(layer.mask, body.dx, body.dy);
  }
  followedBy(document, [whole], body.dx, body.dy);
}

export const KINDS = {
  flatten,
  'layer.add': add,
  'layer.remove': (document, body) => remove(document.layers, body.layer),
  'layer.move': move,
  'layer.set': set,
  'layer.adjust': adjust,
  'layer.shape': shape,
  'layer.text': text,
  'layer.rasterize': rasterize,
  'layer.duplicate': duplicate,
  'layer.merge': merge,
  'layer.mask': mask,
  'layer.shift': shift,
};
