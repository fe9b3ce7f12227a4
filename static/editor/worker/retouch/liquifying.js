// Liquify: a stroke, or several, bend a layer, which is resampled once. The twin of editor/replay/retouch/liquifying.py.
import { target, unlocked } from '../layers.js';
import { PIXELS, Plane, TILE, intersection, places } from '../planes.js';
import { MOST_DABS, unpack } from '../strokes.js';

const CELL = 4;
const HOWS = ['push', 'pinch', 'bloat', 'twirl', 'untwirl', 'restore'];
const SPACING = 16; // 256ths of the diameter
const AROUND = 2; // pixels that a resampled one is made of, besides its own

// What the last strokes made, for when they are done anew with a few samples more: { of, dabs, tiles, made }.
let last = null;

/** The tiles that strokes made before, by place, which the newer dabs of the last one don't reach; none where they are others. */
function known(of, before, bends, limit) {
  const newest = bends.length - 1;
  const begins = (dabs, i) => (i < newest ? dabs.length === last.dabs[i].length : dabs.length >= last.dabs[i].length) && last.dabs[i].every((value, k) => value === dabs[k]);
  const same = last && last.of.length === of.length && last.of.every((value, i) => value === of[i]) && last.tiles.size === before.tiles.size
    && bends.every(({ dabs }, i) => begins(dabs, i)) && [...before.tiles].every(([key, tile]) => last.tiles.get(key) === tile);
  if (!same) return new Map();
  const made = new Map(last.made);
  const { radius, dabs } = bends[newest];
  for (const place of reachedBy([{ radius, dabs: dabs.subarray(Math.max(0, last.dabs[newest].length - 3)) }], limit)) made.delete(place.join());
  return made;
}

/** Bends a layer along a stroke, where it is selected. */
export function liquified(document, body, blob) {
  bend(document, body, [{ ...body, samples: unpack(blob) }]);
}

/** The same along several strokes, one after the other. */
export function bent(document, body, blob) {
  bend(document, body, bendsOf(body.strokes, unpack(blob)));
}

/** Strokes with their samples, which lie one behind the other. */
export function bendsOf(strokes, samples) {
  let at = 0;
  return strokes.map((stroke) => ({ ...stroke, samples: samples.subarray(at, at += 3 * stroke.points) }));
}

function bend(document, body, strokes) {
  const { kernels, selection, size } = document;
  const layer = unlocked(document, body);
  const plane = target(layer, body);
  const begin = kernels.next;
  const bends = strokes.map((stroke) => ({ ...stroke, dabs: walked(kernels, stroke) }));
  const field = fieldOf(document, bends);
  const before = plane.copy();
  const of = [document, selection, layer.lock_alpha, layer.id, ...size, ...bends.flatMap(({ how, radius, strength }) => [how, radius, strength])];
  const made = known(of, before, bends, [0, 0, ...size]);
  for (const [x, y] of reachedBy(bends, [0, 0, ...size])) {
    if (selection && !selection.blank && !selection.has(x, y)) continue;
    const key = `${x},${y}`;
    if (!made.has(key)) made.set(key, tileOf(document, before, x, y, field, layer));
    if (made.get(key)) plane.restore(x, y, made.get(key).tile);
  }
  last = { of, dabs: bends.map(({ dabs }) => dabs), tiles: before.tiles, made };
  kernels.reset(begin);
}

/** A tile of the layer afterwards, as { tile }; null where it stays. */
function tileOf(document, before, x, y, field, layer) {
  const { kernels, selection } = document;
  const mark = kernels.next;
  let at = displaced(document, before, x, y, field, layer.lock_alpha ? 1 : 0);
  if (at && selection) {
    const now = before.putInto(kernels, x, y);
    kernels.run.mix(now, at, selection.putInto(kernels, x, y), PIXELS, 255);
    at = now;
  }
  const made = new Plane();
  if (at) made.put(x, y, kernels.bytes(at, 4 * PIXELS).slice());
  kernels.reset(mark);
  return at ? { tile: made.at(x, y) } : null;
}

/** The dabs (x16, y16, pressure, …) along samples. */
function walked(kernels, { radius, samples }) {
  const mark = kernels.next;
  const state = kernels.put(new Int32Array(5));
  const path = kernels.put(samples);
  const room = kernels.room(12 * MOST_DABS);
  const count = kernels.run.brush_walk(state, path, samples.length / 3, radius, SPACING, 0, room, MOST_DABS);
  if (count < 0) throw new RangeError('too many dabs');
  const dabs = kernels.numbers(room, 3 * count).slice();
  kernels.reset(mark);
  return dabs;
}

/** The field that dabs of strokes bend: where it lies, and its size. */
function fieldOf({ kernels, size }, bends) {
  const [gw, gh] = size.map((side) => Math.ceil(side / CELL) + 2);
  const at = kernels.room(8 * gw * gh);
  kernels.all.fill(0, at, at + 8 * gw * gh);
  const mark = kernels.next;
  for (const { radius, strength, how, dabs } of bends) {
    const begun = kernels.put(new Int32Array(3));
    const path = kernels.put(dabs);
    const spare = kernels.room(8 * (Math.floor(radius / 32) + 3) ** 2);
    kernels.run.liquify(at, gw, gh, spare, path, dabs.length / 3, begun, radius, strength, HOWS.indexOf(how));
    kernels.reset(mark);
  }
  return [at, gw, gh];
}

/** Where a tile lies as the field shows it; null where nothing of it moved. */
function displaced({ kernels, size }, plane, x, y, field, keep) {
  const [out, found, boxAt] = [kernels.room(4 * PIXELS), kernels.room(8 * PIXELS), kernels.room(16)];
  if (!kernels.run.liquify_map(found, boxAt, ...field, x * TILE, y * TILE, TILE, TILE, ...size)) return null;
  const [x0, y0, x1, y1] = kernels.numbers(boxAt, 4);
  let wide = intersection([x0 - AROUND, y0 - AROUND, x1 + AROUND, y1 + AROUND], plane.bounds() ?? [0, 0, 0, 0]);
  if (wide[0] >= wide[2] || wide[1] >= wide[3]) wide = [0, 0, 0, 0];
  const source = kernels.put(plane.read(wide));
  const old = plane.putInto(kernels, x, y);
  kernels.run.displace(out, old, source, wide[0], wide[1], wide[2] - wide[0], wide[3] - wide[1], found, PIXELS, keep);
  return out;
}

/** The tiles that lie in a box around each dab. */
function reachedBy(bends, limit) {
  const found = new Map();
  const even = (value) => Math.floor(Math.floor(value / 16) / CELL) * CELL;
  for (const { radius, dabs } of bends) {
    const reach = Math.floor(radius / 16) + 2 * CELL;
    for (let i = 0; i < dabs.length; i += 3) {
      const [x, y] = [even(dabs[i]), even(dabs[i + 1])];
      for (const place of places(intersection([x - reach, y - reach, x + reach, y + reach], limit))) found.set(place.join(), place);
    }
  }
  return found.values();
}
