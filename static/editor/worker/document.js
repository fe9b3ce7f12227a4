// A document as its operations make it: `apply` does one, in the order of the log. The twin of editor/replay/document.py.
import { tileOf } from './compositor.js';
import { Impossible, MOST_LAYERS, copyLayer, find, homeOf, insert, newLayer, remove, target, unlocked, walk } from './layers.js';
import { GEOMETRY, part } from './later.js';
import { PIXELS, Plane, TILE, cut, places, shifted } from './planes.js';
import { drawStroke, unpack } from './strokes.js';

export class Document {
  /** assets(sha256) gives { width, height, plane } of a picture that an operation names. */
  constructor(kernels, assets) {
    this.kernels = kernels;
    this.part = part; // what is loaded later finds other parts by it
    this.assets = assets;
    this.width = 0;
    this.height = 0;
    this.layers = [];
    this.selection = null;
  }

  get size() {
    return [this.width, this.height];
  }

  /** The document as it is now; later operations don't change what was taken. */
  snapshot() {
    const { width, height, selection } = this;
    return { width, height, selection, layers: this.layers.map(copyLayer) };
  }

  restore(snapshot) {
    Object.assign(this, snapshot, { layers: snapshot.layers.map(copyLayer) });
  }

  /** Does an operation, for which `loadFor` of later.js has loaded what it needs. */
  apply({ kind, body, blob }) {
    KINDS[kind](this, body, blob);
  }

  async digest() {
    const { digestOf } = await import('./digest.js');
    return digestOf(this.kernels, this.layers, this.size);
  }
}

function open(document, body) {
  Object.assign(document, { width: body.width, height: body.height });
  const base = newLayer({ id: body.layer, name: body.name });
  if (body.asset) base.pixels = document.assets(body.asset).plane.copy();
  else if (body.rgba >>> 24 === 255) {
    for (const [x, y] of places([0, 0, ...document.size])) {
      base.pixels.put(x, y, cut(new Uint8Array(new Uint32Array(PIXELS).fill(body.rgba).buffer), x, y, document.size));
    }
  } else if (body.rgba) {
    const how = { opacity: 255, mode: 'normal', lockAlpha: false };
    part('filling').laidOver(document.kernels, base.pixels, null, document.size, part('filling').colour(document.kernels, body.rgba), how);
  }
  document.layers = [base];
}

function canvas(document, body) {
  for (const layer of walk(document.layers)) {
    layer.pixels = shifted(layer.pixels, body.dx, body.dy);
    if (layer.mask) layer.mask = shifted(layer.mask, body.dx, body.dy);
  }
  Object.assign(document, { width: body.width, height: body.height });
  follow(document, document.layers, body.dx, body.dy);
  const { selection } = document;
  document.selection = selection && body.keep ? part('geometry').clipped(shifted(selection, body.dx, body.dy), document.size) : null;
}

/** Shapes are drawn again where whole pixels have moved them to. */
function follow(document, layers, dx, dy) {
  part('shapes')?.follow(document, layers, [1, 0, -dx, 0, 1, -dy, 0, 0, 1]);
}

function flatten(document, body) {
  document.layers = [newLayer({ id: body.layer, name: body.name, pixels: shown(document, document.layers) })];
}

function add(document, body) {
  const { words, job, adjust = null, shape = null } = body;
  const layer = newLayer({ id: body.layer, name: body.name, group: body.group_layer ?? false, adjust, shape, words, job });
  if (shape) part('shapes').begin(document, layer);
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

function set(document, { layer, ...values }) {
  Object.assign(find(document.layers, layer), values);
}

function adjust(document, body) {
  const layer = unlocked(document, body);
  if (!layer.adjust) throw new Impossible('This layer is no adjustment.');
  layer.adjust = body.adjust;
}

function shape(document, body) {
  const layer = aShape(document, body);
  layer.shape = body.shape;
  part('shapes').redraw(document, layer);
}

/** Turns a shape into pixels: what it shows stays, and can be painted on. */
function rasterize(document, body) {
  Object.assign(aShape(document, body), { shape: null, place: null });
}

function aShape(document, body) {
  const layer = unlocked(document, body);
  if (!layer.shape) throw new Impossible('This layer is no shape.');
  return layer;
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
  const merged = newLayer({ id: body.into, name: parts[0].name, pixels: shown(document, parts) });
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
  follow(document, [whole], body.dx, body.dy);
}

function stroke(document, body, blob) {
  const layer = unlocked(document, body);
  const { radius, hardness, flow, spacing, flags = 0 } = body;
  const brush = { radius, hardness, flow, spacing, flags };
  const plane = target(layer, body);
  drawStroke(document.kernels, plane, document.selection, brush, unpack(blob), document.size, strokeKernel(document, layer, body));
}

/** What a stroke does to n pixels of a tile from one on: kernel(out, old, coverage, selection, from, n). */
export function strokeKernel({ kernels }, layer, body) {
  const { run } = kernels;
  const part = (sel, from) => (sel ? sel + from : 0);
  if (body.target === 'mask') {
    return (out, old, cov, sel, from = 0, n = PIXELS) =>
      run.brush_mask_paint(out + from, old + from, cov + 2 * from, part(sel, from), n, body.value, body.opacity);
  }
  if (body.tool === 'erase') {
    return (out, old, cov, sel, from = 0, n = PIXELS) =>
      run.brush_erase(out + 4 * from, old + 4 * from, cov + 2 * from, part(sel, from), n, body.opacity);
  }
  const lock = layer.lock_alpha ? 1 : 0;
  return (out, old, cov, sel, from = 0, n = PIXELS) =>
    run.brush_paint(out + 4 * from, old + 4 * from, cov + 2 * from, part(sel, from), n, body.rgb, body.opacity, lock);
}

function lay(document, body, source) {
  const layer = unlocked(document, body);
  const how = { opacity: body.opacity, mode: body.mode, lockAlpha: layer.lock_alpha };
  part('filling').laidOver(document.kernels, target(layer, body), document.selection, document.size, source, how);
}

function fill(document, body) {
  lay(document, body, part('filling').colour(document.kernels, body.rgba));
}

function gradient(document, body) {
  const ramp = part('filling').rampOf(body.stops);
  lay(document, body, part('filling').gradient(document.kernels, ramp, [body.x0, body.y0], [body.x1, body.y1], body.shape));
}

function clear(document, body) {
  part('filling').cleared(document.kernels, target(unlocked(document, body), body), document.selection, document.size);
}

/** Moves the selected pixels of a layer, and the selection with them. */
function carry(document, body) {
  const { kernels, selection, size } = document;
  const pixels = target(unlocked(document, body), body);
  if (!selection) throw new Impossible('Select what is to be moved first.');
  part('filling').carried(kernels, pixels, selection, size, body.dx, body.dy, body.copy ?? false);
  const inside = [0, 0, ...size];
  document.selection = new Plane(1);
  document.selection.write(inside, shifted(selection, body.dx, body.dy).read(inside));
}

function erase(document, body) {
  const layer = unlocked(document, body);
  if (!document.selection) throw new Impossible('Select what is to be erased first.');
  part('erase').erased(document.kernels, target(layer, body), document.selection, document.size, body.seed);
}

function filter(document, body) {
  const layer = unlocked(document, body);
  part('filter').filtered(document.kernels, target(layer, body), document.selection, document.size, body.filter, layer.lock_alpha);
}

function select(document, body, blob) {
  const { kernels, size } = document;
  const whole = WHOLE[body.shape];
  if (whole) {
    document.selection = whole(document, body);
    return;
  }
  let found = SHAPES[body.shape](document, body, blob);
  if (body.feather) found = part('select').feathered(kernels, found, size, body.feather);
  document.selection = part('select').combined(kernels, document.selection, found, body.how ?? 'replace', size);
}

function selected(document) {
  if (!document.selection) throw new Impossible('Nothing is selected.');
  return document.selection;
}

const WHOLE = {
  none: () => null,
  all: ({ size }) => part('select').rectangle([0, 0, ...size], size),
  invert: (document) => part('select').inverted(document.kernels, document.selection ?? new Plane(1), document.size),
  grow: (document, body) => part('select').grown(document.kernels, selected(document), document.size, body.radius),
  feather: (document, body) => part('select').feathered(document.kernels, selected(document), document.size, body.radius),
};

const SHAPES = {
  rectangle: ({ size }, { x0, y0, x1, y1 }) => part('select').rectangle([x0, y0, x1, y1], size),
  outline: ({ kernels, size }, _body, blob) => {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    return part('select').outline(kernels, Int32Array.from({ length: blob.length / 4 }, (_, i) => view.getInt32(4 * i, true)), size);
  },
  quick: byStroke,
  wand: byColour,
  colour: byColour,
  alpha: (document, body) => part('select').alphaOf(find(document.layers, body.layer).pixels, document.size),
  mask: (document, body) => {
    const found = find(document.layers, body.layer).mask;
    if (!found) throw new Impossible('This layer has no mask.');
    const whole = new Plane(1);
    whole.write([0, 0, ...document.size], found.read([0, 0, ...document.size]));
    return whole;
  },
};

/** Wand and colour range: pixels like the one at (x, y), of a layer or of the picture. */
function byColour(document, body) {
  const { kernels, size } = document;
  const { x, y } = body;
  if (x < 0 || y < 0 || x >= size[0] || y >= size[1]) throw new Impossible('The point lies outside of the picture.');
  const pixels = body.layer ? find(document.layers, body.layer).pixels : shown(document, document.layers);
  const at = 4 * ((y % TILE) * TILE + (x % TILE));
  const [r, g, b, a] = pixels.get(Math.floor(x / TILE), Math.floor(y / TILE)).subarray(at, at + 4);
  const rgba = (r | (g << 8) | (b << 16) | (a << 24)) >>> 0;
  const joined = body.shape === 'wand';
  const soft = joined ? 0 : body.soft ?? 0;
  const found = part('select').similar(kernels, (tx, ty) => pixels.get(tx, ty), size, rgba, body.tolerance, soft);
  return joined ? part('select').joined(kernels, found, size, x, y) : found;
}

/** Quick selection: what belongs to a stroke over a layer or over the picture. */
function byStroke({ kernels, layers, size }, body, blob) {
  const pixels = body.layer ? find(layers, body.layer).pixels : null;
  const tile = (x, y) => (pixels ? pixels.get(x, y) : tileOf(kernels, layers, x, y, size));
  return part('quick').quick(kernels, tile, size, body.brush, unpack(blob));
}

/** What layers show together, inside of the document. */
function shown(document, parts) {
  const out = new Plane();
  const { kernels, size } = document;
  for (const [x, y] of places([0, 0, ...size])) out.put(x, y, cut(tileOf(kernels, parts, x, y, size), x, y, size));
  return out;
}

const KINDS = {
  open, canvas, flatten, stroke, fill, gradient, clear, erase, filter, select,
  move: carry,
  'layer.add': add,
  'layer.remove': (document, body) => remove(document.layers, body.layer),
  'layer.move': move,
  'layer.set': set,
  'layer.adjust': adjust,
  'layer.shape': shape,
  'layer.rasterize': rasterize,
  'layer.duplicate': duplicate,
  'layer.merge': merge,
  'layer.mask': mask,
  'layer.shift': shift,
  ...Object.fromEntries(GEOMETRY.map((kind) => [kind, (document, body) => part('geometry').KINDS[kind](document, body)])),
};
