// The operations of the retouching tools: clone, heal, spot heal, dodge and burn, smudge, red eye. All of them change the
// pixels of a layer, never its mask. The twin of editor/replay/retouch/operations.py.
import { target, unlocked } from '../layers.js';
import { PIXELS, Plane, TILE, intersection, places } from '../planes.js';
import { Masks, brushOf, cover, dabsOf, drawDabs, reached, touching, unpack } from '../strokes.js';
import { AROUND, RING, fitted, grown, plain, sourceOf } from './healing.js';
import { bent, liquified } from './liquifying.js';
import { smudged } from './smudging.js';
import { BYTES, boxOf, pictureFor } from './sources.js';

const RANGES = ['shadows', 'midtones', 'highlights'];
const BURN = 4;

const dabsFor = ({ kernels }, body, blob) => dabsOf(kernels, brushOf(body), unpack(blob));
const shift = (at, from, bytes) => (at ? at + from * bytes : 0);

/** What a stroke that lays pixels does to n pixels of a tile from one on; src: where the tile's other pixels lie. */
export function layKernel({ kernels }, layer, body) {
  const flags = layer.lock_alpha ? 1 : 0;
  return (out, old, cov, sel, src, from = 0, n = PIXELS) =>
    kernels.run.retouch_lay(out + 4 * from, old + 4 * from, src + 4 * from, cov + 2 * from, shift(sel, from, 1), n, body.opacity, flags);
}

/** What dodging and burning do to n pixels of a tile from one on. */
export function toneKernel({ kernels }, body) {
  const how = RANGES.indexOf(body.range) + (body.tool === 'burn' ? BURN : 0);
  return (out, old, cov, sel, from = 0, n = PIXELS) =>
    kernels.run.retouch_tone(out + 4 * from, old + 4 * from, cov + 2 * from, shift(sel, from, 1), n, body.exposure, how);
}

/** Lays what `source(x, y)` gives of each tile over a layer where dabs cover it. */
function lay(document, layer, body, dabs, source) {
  const { kernels, selection, size } = document;
  const mark = kernels.next;
  const src = kernels.room(BYTES);
  const kernel = layKernel(document, layer, body);
  drawDabs(kernels, target(layer, body), selection, brushOf(body), dabs, size, (out, old, cov, sel, _from, _n, x, y) => {
    const pixels = source(x, y); // drawing them may need more memory, after which older views are of no use
    kernels.all.set(pixels, src);
    kernel(out, old, cov, sel, src);
  });
  kernels.reset(mark);
}

function clone(document, body, blob) {
  const layer = unlocked(document, body);
  target(layer, body);
  const picture = pictureFor(document, layer, body);
  lay(document, layer, body, dabsFor(document, body, blob), (x, y) => picture.read(boxOf(x, y, body.dx, body.dy)));
}

function tone(document, body, blob) {
  const { kernels, selection, size } = document;
  const plane = target(unlocked(document, body), body);
  drawDabs(kernels, plane, selection, brushOf(body), dabsFor(document, body, blob), size, toneKernel(document, body));
}

const heal = (document, body, blob) => healed(document, body, blob, RING, () => [body.dx, body.dy]);

const spot = (document, body, blob) => healed(document, body, blob, AROUND, (now, hole, size) => sourceOf(document.kernels, now, hole, size));

/** Heals what a stroke covers from the offset that is found; from what is around it alone where none is. */
function healed(document, body, blob, margin, find) {
  const { kernels } = document;
  const layer = unlocked(document, body);
  target(layer, body);
  const dabs = dabsFor(document, body, blob);
  const inside = [0, 0, ...document.size];
  const hole = holeOf(kernels, brushOf(body), dabs, inside);
  if (!hole) return;
  const box = grown(intersection(reachOf(dabs), inside), margin, inside);
  const size = [box[2] - box[0], box[3] - box[1]];
  const marks = hole.read(box);
  const picture = pictureFor(document, layer, body);
  const now = picture.read(box);
  const by = find(now, marks, size);
  const other = by ? picture.read(box.map((value, i) => value + by[i % 2])) : plain(now);
  const whole = new Plane();
  whole.write(box, fitted(kernels, other, now, marks, size));
  lay(document, layer, body, dabs, (x, y) => whole.get(x, y));
}

function reachOf(dabs) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < dabs.length; i += 7) {
    const [left, top, w] = dabs.subarray(i + 3, i + 6);
    [left, top, left + w, top + w].forEach((value, k) => { box[k] = k < 2 ? Math.min(box[k], value) : Math.max(box[k], value); });
  }
  return box;
}

/** What dabs cover, however little, as a mask; null where they reach no tile. */
function holeOf(kernels, brush, dabs, inside) {
  const mark = kernels.next;
  const masks = new Masks(kernels, brush);
  const cov = kernels.room(2 * PIXELS);
  const out = new Plane(1);
  const tiles = reached(dabs, inside);
  for (const [x, y] of tiles) {
    kernels.all.fill(0, cov, cov + 2 * PIXELS);
    cover(kernels, masks, cov, touching(dabs, x, y, inside), x, y);
    out.put(x, y, Uint8Array.from(new Uint16Array(kernels.all.buffer, cov, PIXELS), (value) => (value ? 255 : 0)));
  }
  kernels.reset(mark);
  return tiles.length ? out : null;
}

function smudge(document, body, blob) {
  const layer = unlocked(document, body);
  const plane = target(layer, body);
  smudged(document, plane, brushOf(body), dabsFor(document, body, blob), body.strength, layer.lock_alpha ? 1 : 0);
}

function red(document, body) {
  const { kernels, selection } = document;
  const plane = target(unlocked(document, body), body);
  const { x, y, rx, ry } = body;
  const box = [x - rx, y - ry, x + rx, y + ry].map((value, i) => Math.floor(value / 16) + (i > 1 ? 1 : 0));
  for (const [tx, ty] of places(intersection(box, [0, 0, ...document.size]))) {
    if (!plane.has(tx, ty)) continue;
    const mark = kernels.next;
    const px = plane.putInto(kernels, tx, ty);
    const sel = selection ? selection.putInto(kernels, tx, ty) : 0;
    kernels.run.retouch_red(px, sel, tx * TILE, ty * TILE, x, y, rx, ry, body.tolerance, body.dark);
    plane.put(tx, ty, kernels.bytes(px, BYTES).slice());
    kernels.reset(mark);
  }
}

export const KINDS = {
  'retouch.clone': clone, 'retouch.tone': tone, 'retouch.heal': heal, 'retouch.spot': spot, 'retouch.smudge': smudge, 'retouch.red': red,
  'retouch.liquify': liquified, 'retouch.bend': bent,
};
