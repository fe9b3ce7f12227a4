// A document as its operations make it: `apply` does one, in the order of the log. The twin of editor/replay/document.py.
import { tileOf } from './compositor.js';
import { copyLayer, newLayer, target, unlocked, walk } from './layers.js';
import { followedBy, partFor, part } from './parts.js';
import { PIXELS, Plane, cut, places, shifted } from './planes.js';
import { brushOf, drawStroke, unpack } from './strokes.js';

export class Document {
  /** assets(sha256) gives { width, height, plane } of a picture that an operation names. */
  constructor(kernels, assets) {
    this.kernels = kernels;
    this.assets = assets;
    this.width = 0;
    this.height = 0;
    this.layers = [];
    this.selection = null;
    this.grown = null; // what a stroke that may grow has made so far: liquifying.js
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
    (KINDS[kind] ?? part(partFor(kind)).KINDS[kind])(this, body, blob);
  }

  /** A tile of what some of its layers show together; parts that are loaded later ask for it here. */
  tileOf(layers, x, y) {
    return tileOf(this.kernels, layers, x, y, this.size);
  }

  /** What layers show together, inside of the document. */
  shown(layers) {
    const out = new Plane();
    for (const [x, y] of places([0, 0, ...this.size])) out.put(x, y, cut(this.tileOf(layers, x, y), x, y, this.size));
    return out;
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
  followedBy(document, document.layers, body.dx, body.dy);
  const { selection } = document;
  document.selection = selection && body.keep ? part('geometry').clipped(shifted(selection, body.dx, body.dy), document.size) : null;
}

function stroke(document, body, blob) {
  const layer = unlocked(document, body);
  const plane = target(layer, body);
  drawStroke(document.kernels, plane, document.selection, brushOf(body), unpack(blob), document.size, strokeKernel(document, layer, body));
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

const KINDS = { open, canvas, stroke };
