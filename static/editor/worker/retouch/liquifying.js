// Liquify: a stroke, or several, bend a layer, which is resampled once. The twin of editor/replay/retouch/liquifying.py.
import { target, unlocked } from '../layers.js';
import { PIXELS, Plane, TILE, intersection, places } from '../planes.js';
import { MOST_DABS, unpack } from '../strokes.js';

const CELL = 4;
const HOWS = ['push', 'pinch', 'bloat', 'twirl', 'untwirl', 'restore'];
const SPACING = 16; // 256ths of the diameter
const AROUND = 2; // pixels that a resampled one is made of, besides its own

/** Whether strokes are those of before with some dabs more at the end of the last one, on the same tiles. */
function goesOn(last, of, before, bends) {
  const newest = bends.length - 1;
  const begins = (dabs, i) => (i < newest ? dabs.length === last.dabs[i].length : dabs.length >= last.dabs[i].length) && last.dabs[i].every((value, k) => value === dabs[k]);
  return last && last.of.length === of.length && last.of.every((value, i) => value === of[i]) && last.tiles.size === before.tiles.size
    && bends.every(({ dabs }, i) => begins(dabs, i)) && [...before.tiles].every(([key, tile]) => last.tiles.get(key) === tile);
}

/** The dabs that strokes have more than those of before, and the last one that both have: the others didn't reach what these don't. */
function newer(last, bends) {
  const { radius, dabs } = bends.at(-1);
  return { radius, dabs: dabs.subarray(Math.max(0, last.dabs.at(-1).length - 3)) };
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
  const { kernels, selection, size, grown } = document; // grown: what the last strokes made: { of, dabs, tiles, made, field, begun, rows }
  const layer = unlocked(document, body);
  const plane = target(layer, body);
  const begin = kernels.next;
  const bends = strokes.map((stroke) => ({ ...stroke, dabs: walked(kernels, stroke) }));
  const before = plane.copy();
  const of = [selection, layer.lock_alpha, layer.id, ...size, ...bends.flatMap(({ how, radius, strength }) => [how, radius, strength])];
  const more = goesOn(grown, of, before, bends) ? newer(grown, bends) : null; // the dabs that changed something since
  const kept = more ? grown : { of, tiles: before.tiles, made: new Map() };
  document.grown = null; // until all of it is up to date
  const field = fieldOf(document, bends, kept);
  const limit = [0, 0, ...size];
  const anew = new Set([...reachedBy(more ? [more] : bends, limit)].map(String));
  for (const [x, y] of reachedBy(bends, limit)) {
    if (selection && !selection.blank && !selection.has(x, y)) continue;
    const key = `${x},${y}`;
    const { made } = kept;
    const part = more && anew.has(key) && made.get(key) ? partOf(document, before, x, y, field, layer, more, made.get(key)) : null;
    if (part) made.set(key, part);
    else if (anew.has(key) || !made.has(key)) made.set(key, tileOf(document, before, x, y, field, layer));
    if (made.get(key)) plane.restore(x, y, made.get(key).tile);
  }
  document.grown = { ...kept, dabs: bends.map(({ dabs }) => dabs) };
  kernels.reset(begin);
}

/** A tile of the layer afterwards, as { tile }; null where it stays. */
function tileOf(document, before, x, y, field, layer) {
  const { kernels } = document;
  const mark = kernels.next;
  const at = displaced(document, before, [x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE], field, layer);
  const made = new Plane();
  if (at) made.put(x, y, kernels.bytes(at, 4 * PIXELS).slice());
  kernels.reset(mark);
  return at ? { tile: made.at(x, y) } : null;
}

/** The same where only some dabs came: what they reach is made anew. Null where none of that has moved: it may be that nothing of the tile has, then. */
function partOf(document, before, x, y, field, layer, { radius, dabs }, known) {
  const { kernels } = document;
  const [left, top] = [x * TILE, y * TILE];
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxesOf(radius, dabs)) [x0, y0, x1, y1] = [Math.min(x0, box[0]), Math.min(y0, box[1]), Math.max(x1, box[2]), Math.max(y1, box[3])];
  const box = intersection([x0, y0, x1, y1], [left, top, left + TILE, top + TILE]);
  if (box[0] >= box[2] || box[1] >= box[3]) return known;
  const mark = kernels.next;
  const at = displaced(document, before, box, field, layer);
  const made = new Plane();
  if (at) {
    const bytes = known.tile ? known.tile.bytes.slice() : new Uint8Array(4 * PIXELS); // all of it was transparent
    const width = 4 * (box[2] - box[0]);
    for (let row = box[1]; row < box[3]; row++) bytes.set(kernels.bytes(at + (row - box[1]) * width, width), 4 * ((row - top) * TILE + box[0] - left));
    made.put(x, y, bytes);
  }
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

/** The field that dabs of strokes bend: where it lies, and its size. What is kept of it is brought up to date. */
function fieldOf({ kernels, size }, bends, kept) {
  const [gw, gh] = size.map((side) => Math.ceil(side / CELL) + 2);
  const at = kernels.room(8 * gw * gh);
  const newest = bends.length - 1;
  const known = kept.field;
  kernels.all.fill(0, at, at + 8 * gw * gh);
  const [first, end] = kept.rows ?? [0, 0];
  if (known) kernels.all.set(known.subarray(8 * gw * first, 8 * gw * Math.max(first, end)), at + 8 * gw * first);
  else Object.assign(kept, { field: new Uint8Array(8 * gw * gh), rows: [gh, 0] });
  const mark = kernels.next;
  const changed = [gh, 0];
  for (const [i, { radius, strength, how, dabs }] of bends.entries()) {
    if (known && i < newest) continue;
    const more = known ? dabs.subarray(kept.dabs[newest].length) : dabs;
    const begun = kernels.put(known ? kept.begun : new Int32Array(3));
    const path = kernels.put(more);
    const spare = kernels.room(8 * (Math.floor(radius / 32) + 3) ** 2);
    kernels.run.liquify(at, gw, gh, spare, path, more.length / 3, begun, radius, strength, HOWS.indexOf(how));
    kept.begun = kernels.numbers(begun, 3).slice();
    for (const [, top, , below] of boxesOf(radius, more)) {
      changed[0] = Math.min(changed[0], Math.max(0, Math.floor(top / CELL)));
      changed[1] = Math.max(changed[1], Math.min(gh, Math.ceil(below / CELL) + 1));
    }
    kernels.reset(mark);
  }
  if (changed[0] < changed[1]) kept.field.set(kernels.bytes(at + 8 * gw * changed[0], 8 * gw * (changed[1] - changed[0])), 8 * gw * changed[0]);
  kept.rows = [Math.min(kept.rows[0], changed[0]), Math.max(kept.rows[1], changed[1])];
  return [at, gw, gh];
}

/** The address of a box of pixels as the field shows it, where it is selected; null where nothing of it moved. */
function displaced({ kernels, selection, size }, plane, box, field, layer) {
  const [x0, y0, width, height] = [box[0], box[1], box[2] - box[0], box[3] - box[1]];
  const count = width * height;
  const [out, found, boxAt] = [kernels.room(4 * count), kernels.room(8 * count), kernels.room(16)];
  if (!kernels.run.liquify_map(found, boxAt, ...field, x0, y0, width, height, ...size)) return null;
  const [left, top, right, below] = kernels.numbers(boxAt, 4);
  let wide = intersection([left - AROUND, top - AROUND, right + AROUND, below + AROUND], plane.bounds() ?? [0, 0, 0, 0]);
  if (wide[0] >= wide[2] || wide[1] >= wide[3]) wide = [0, 0, 0, 0];
  const source = kernels.put(plane.read(wide));
  const old = kernels.put(plane.read(box));
  kernels.run.displace(out, old, source, wide[0], wide[1], wide[2] - wide[0], wide[3] - wide[1], found, count, layer.lock_alpha ? 1 : 0);
  if (!selection) return out;
  kernels.run.mix(old, out, kernels.put(selection.read(box)), count, 255);
  return old;
}

/** A box around each dab, which holds all that it reaches. */
function* boxesOf(radius, dabs) {
  const even = (value) => Math.floor(Math.floor(value / 16) / CELL) * CELL;
  const reach = Math.floor(radius / 16) + 2 * CELL;
  for (let i = 0; i < dabs.length; i += 3) {
    const [x, y] = [even(dabs[i]), even(dabs[i + 1])];
    yield [x - reach, y - reach, x + reach, y + reach];
  }
}

/** The tiles that lie in a box around each dab. */
function reachedBy(bends, limit) {
  const found = new Map();
  for (const { radius, dabs } of bends) {
    for (const box of boxesOf(radius, dabs)) for (const place of places(intersection(box, limit))) found.set(place.join(), place);
  }
  return found.values();
}
