// A shape's pixels: its outline filled and stroked by the kernels, tile by tile; loaded before the first operation that has one. The twin of
// editor/replay/shapes/drawing.py.
import { STRAIGHT, after, forward, isAffine } from '../following.js';
import { walk } from '../layers.js';
import { PIXELS, Plane, TILE, intersection, places } from '../planes.js';
import { head, outline } from './outlines.js';

const CAPS = ['butt', 'round', 'square'];
const JOINS = ['miter', 'round', 'bevel'];
const LIMIT = 256; // of a miter, where a stroke doesn't say
const [MOST_FACTOR, MOST_SHIFT] = [1n << 38n, 1n << 53n]; // of what `path_fill` takes
const FINER = 2n; // how much larger a shape is drawn that is then seen in perspective
const FLAT = [-8192, -8192, 16384, 16384]; // what of it is drawn then, so much larger

/** Stands a new shape in its document. */
export function begin(document, layer) {
  layer.place = STRAIGHT;
  redraw(document, layer);
}

/** Draws a shape again: what describes it has changed, or its place. */
export function redraw(document, layer) {
  if (layer.shape) layer.pixels = drawn(document, layer.shape, layer.place);
}

/** Draws shapes again where they come to lie; `change` leads from a point of the document to the one before. */
export function follow(document, some, change) {
  for (const layer of walk(some)) {
    if (!layer.shape) continue;
    layer.place = after(layer.place, change);
    redraw(document, layer);
  }
}

/** The pixels of a shape layer of a document of a size, and as much around it as the document is large. */
function drawn({ kernels, part, size: [width, height] }, shape, place) {
  const area = [-width, -height, 2 * width, 2 * height];
  if (isAffine(place)) return paintedOn(kernels, shape, forward(place), area);
  // What made a perspective has loaded what draws one.
  const flat = paintedOn(kernels, shape, [FINER << 32n, 0n, 0n, 0n, FINER << 32n, 0n], FLAT);
  return part('geometry').warped(kernels, flat, place.map((value, i) => (i < 6 ? value * FINER : value)), area, 'bicubic');
}

function paintedOn(kernels, shape, way, area) {
  const m = way.map((value, i) => (i % 3 === 2 ? value : value >> 6n));
  const out = new Plane();
  if (m.some((value, i) => sizeOf(value) > (i % 3 === 2 ? MOST_SHIFT : MOST_FACTOR))) return out;
  for (const layer of layersOf(shape, m[0] * m[4] < m[1] * m[3])) cover(kernels, out, layer, m, area);
  return out;
}

const sizeOf = (value) => (value < 0n ? -value : value);

/** What a shape is painted of, the lowest first: with which colour, and paths that are filled, or stroked with a style. */
function layersOf(shape, turned) {
  const path = outline(shape);
  const { fill, stroke, even_odd: evenOdd = false } = shape;
  const found = [];
  if (fill !== undefined) found.push({ rgba: fill, rule: Number(evenOdd), fills: [path], strokes: [], style: [] });
  if (stroke) found.push({ rgba: stroke.rgba, rule: 0, fills: shape.kind === 'arrow' ? [head(shape, turned)] : [], strokes: [path], style: styleOf(stroke) });
  return found;
}

function styleOf({ width, cap, join, limit = LIMIT, dashes = [] }) {
  return [width, CAPS.indexOf(cap), JOINS.indexOf(join), limit, 0, dashes.length, ...dashes];
}

function cover(kernels, out, layer, m, area) {
  const begin = kernels.next;
  const matrix = kernels.put(BigInt64Array.from(m));
  const fills = layer.fills.map((path) => put(kernels, path));
  const strokes = layer.strokes.map((path) => put(kernels, path));
  const style = kernels.put(Int32Array.from(layer.style));
  const cells = kernels.room(8 * (TILE + 2) * TILE);
  const mask = kernels.room(PIXELS);
  const source = kernels.room(4 * PIXELS);
  new Uint32Array(kernels.memory.buffer, source, PIXELS).fill(layer.rgba);
  const mark = kernels.next;
  for (const [x, y] of places(intersection(reachOf(layer, m), area))) {
    const window = [cells, x * TILE, y * TILE, TILE, TILE];
    kernels.run.path_clear(cells, TILE, TILE);
    for (const path of fills) kernels.run.path_fill(...window, ...path, matrix);
    for (const path of strokes) kernels.run.path_stroke(...window, ...path, matrix, style);
    kernels.run.path_cover(mask, cells, TILE, TILE, layer.rule);
    const target = out.putInto(kernels, x, y);
    kernels.run.composite(target, source, mask, PIXELS, 255, 0);
    out.put(x, y, kernels.bytes(target, 4 * PIXELS).slice());
    kernels.reset(mark);
  }
  kernels.reset(begin);
}

function put(kernels, path) {
  const verbs = Uint8Array.from(path, ([verb]) => verb);
  const points = Int32Array.from(path.flatMap(([, each]) => each).flat());
  return [kernels.put(verbs), verbs.length, kernels.put(points), points.length / 2];
}

/** The pixels that may be covered. */
function reachOf({ fills, strokes, style }, m) {
  const points = [...fills, ...strokes].flat().flatMap(([, each]) => each).map((point) => point.map(BigInt));
  const [xs, ys] = [0, 3].map((k) => points.map(([x, y]) => Number((m[k] * x + m[k + 1] * y + m[k + 2]) >> 32n)));
  let more = 2;
  if (style.length) {
    const [across, down] = [sizeOf(m[0]) + sizeOf(m[1]), sizeOf(m[3]) + sizeOf(m[4])];
    more += Number((BigInt(style[0] * Math.max(128, style[3])) * (across > down ? across : down)) >> 39n);
  }
  return [Math.min(...xs) - more, Math.min(...ys) - more, Math.max(...xs) + more + 1, Math.max(...ys) + more + 1];
}
