// How a selection is made and changed. The twin of editor/replay/choosing.py. Loaded before the first operation that does.
import { Impossible, find } from './layers.js';
import { part } from './parts.js';
import { Plane, TILE, shifted } from './planes.js';
import { unpack } from './strokes.js';

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
  /** The alpha of a picture of the document. */
  picture: (document, { asset, x = 0, y = 0 }) => part('select').within(shifted(part('select').alphas(document.assets(asset).plane), x, y), document.size),
};

/** Wand and colour range: pixels like the one at (x, y), of a layer or of the picture. */
function byColour(document, body) {
  const { kernels, size } = document;
  const { x, y } = body;
  if (x < 0 || y < 0 || x >= size[0] || y >= size[1]) throw new Impossible('The point lies outside of the picture.');
  const pixels = body.layer ? find(document.layers, body.layer).pixels : document.shown(document.layers);
  const at = 4 * ((y % TILE) * TILE + (x % TILE));
  const [r, g, b, a] = pixels.get(Math.floor(x / TILE), Math.floor(y / TILE)).subarray(at, at + 4);
  const rgba = (r | (g << 8) | (b << 16) | (a << 24)) >>> 0;
  const joined = body.shape === 'wand';
  const soft = joined ? 0 : body.soft ?? 0;
  const found = part('select').similar(kernels, (tx, ty) => pixels.get(tx, ty), size, rgba, body.tolerance, soft);
  return joined ? part('select').joined(kernels, found, size, x, y) : found;
}

/** Quick selection: what belongs to a stroke over a layer or over the picture. */
function byStroke(document, body, blob) {
  const { kernels, layers, size } = document;
  const pixels = body.layer ? find(layers, body.layer).pixels : null;
  const tile = (x, y) => (pixels ? pixels.get(x, y) : document.tileOf(layers, x, y));
  return part('quick').quick(kernels, tile, size, body.brush, unpack(blob));
}

export const KINDS = { select };
