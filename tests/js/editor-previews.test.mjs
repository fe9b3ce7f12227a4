// What is shown while a hand moves: strokes that are done anew with some samples more give what they give at once, and what is drawn in a hurry is
// what comes of it, but for some levels.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Document } from '../../static/editor/worker/document.js';
import { Drafts } from '../../static/editor/worker/drafts.js';
import { History } from '../../static/editor/worker/history.js';
import { Kernels } from '../../static/editor/worker/kernels.js';
import { loadFor } from '../../static/editor/worker/later.js';
import { PIXELS, Plane, TILE } from '../../static/editor/worker/planes.js';
import { Preview, previewOf, ready } from '../../static/editor/worker/previewing.js';
import { Session } from '../../static/editor/worker/session.js';
import { pack } from '../../static/editor/worker/strokes.js';
import { kernelFiles } from '../editor/kernel-files.mjs';

const SIDE = 600;
const ONE = 1 << 24;
const NOTHING = new Uint8Array(0);

mock.timers.enable({ apis: ['setTimeout'] });

/** Soft waves; some of it is half transparent, or not there. without: a tile that is left out. */
function waves(without = -1) {
  const plane = new Plane();
  for (let at = 0; at < 9; at++) {
    if (at === without) continue;
    const [tx, ty] = [at % 3, Math.floor(at / 3)];
    const tile = new Uint8Array(4 * PIXELS);
    for (let i = 0; i < PIXELS; i++) {
      const [x, y] = [tx * TILE + (i % TILE), ty * TILE + (i >> 8)];
      if (x >= SIDE || y >= SIDE) continue;
      tile.set([128 + 90 * Math.sin(x / 31), 128 + 80 * Math.cos(y / 23), (x * y) >> 12, [255, 255, 255, 90, 0][(x >> 5) % 5]], 4 * i);
    }
    plane.put(tx, ty, tile);
  }
  return plane;
}

const picture = { plane: waves(), width: SIDE, height: SIDE };
const holed = { plane: waves(4), width: SIDE, height: SIDE };
const kernels = await Kernels.load(kernelFiles('k1'));
await loadFor(['mesh', 'transform', 'filter', 'select', 'fill', 'layer.add', 'retouch.liquify'].map((kind) => ({ kind, body: {} })), kernels);

function opened(of = picture) {
  const document = new Document(kernels, () => of);
  const step = (kind, body) => document.apply({ kind, body, blob: NOTHING });
  step('open', { width: SIDE, height: SIDE, layer: 'base', name: '', asset: 'waves' });
  return { document, step };
}

/** A path that comes back to where it was, as (x16, y16, pressure, …). */
function path(count, seed) {
  const out = [];
  for (let i = 0; i < count; i++) {
    out.push(Math.round(16 * (300 + 190 * Math.sin(i / 5 + seed))), Math.round(16 * (300 + 140 * Math.sin(i / 3.1 + 2 * seed))), 120 + ((i * 37) % 130));
  }
  return out;
}

const bytesOf = (plane) => Buffer.from(plane.read([0, 0, SIDE, SIDE]));

for (const [how, selected, lock] of [['push', false, false], ['twirl', true, false], ['pinch', false, true], ['restore', true, true]]) {
  test(`a stroke of liquify that grows is the stroke: ${how}`, () => {
    const stroke = (samples) => ({ kind: 'retouch.liquify', body: { layer: 'base', how, radius: 900, strength: 230 }, blob: pack(Int32Array.from(samples)) });
    const made = [true, false].map((grows) => {
      const { document, step } = opened();
      if (selected) step('select', { shape: 'rectangle', how: 'replace', x0: 90, y0: 130, x1: 470, y1: 505, feather: 0 });
      document.layers[0].lock_alpha = lock;
      if (how === 'restore') document.apply({ ...stroke(path(9, 1)), body: { ...stroke([]).body, how: 'push' } });
      const first = document.snapshot();
      for (let count = grows ? 2 : 24; count <= 24; count += 1 + (count % 3)) {
        document.restore(first);
        document.apply(stroke(path(count, 0)));
      }
      document.restore(first);
      document.apply(stroke(path(24, 0)));
      return bytesOf(document.layers[0].pixels);
    });
    assert.ok(!made[1].equals(bytesOf(picture.plane)));
    assert.equal(Buffer.compare(...made), 0);
  });
}

test('a stroke of liquify that grows is the stroke where it crosses what is transparent', () => {
  // From the middle of the tile that isn't there to its left neighbour and back.
  const there = Array.from({ length: 24 }, (_, i) => [16 * (160 + 20 * Math.abs(11 - i)), 16 * 380, 200]);
  const stroke = (count) => ({ kind: 'retouch.liquify', body: { layer: 'base', how: 'push', radius: 480, strength: 230 }, blob: pack(Int32Array.from(there.slice(0, count).flat())) });
  const made = [2, 24].map((begin) => {
    const { document } = opened(holed);
    const first = document.snapshot();
    for (let count = begin; count <= 24; count += 1) {
      document.restore(first);
      document.apply(stroke(count));
    }
    return bytesOf(document.layers[0].pixels);
  });
  assert.ok(!made[1].equals(bytesOf(holed.plane)));
  assert.equal(Buffer.compare(...made), 0);
});

/** What does operations on a document, without a screen. */
function sessionOf(document) {
  const nothing = () => {};
  return Object.assign(Object.create(Session.prototype), {
    document, kernels, history: new History(document), drafts: { endStroke: nothing, endPreview: nothing }, reports: { announce: nothing, outline: nothing },
    load: async () => {}, checkLater: nothing, merging: { went: nothing, sync: {} }, redraw: nothing, resized: nothing, send: nothing, writing: Promise.resolve(),
  });
}

test('an operation that fails halfway changes nothing; what a stroke has grown from goes once it is done', async () => {
  const { document } = opened();
  const session = sessionOf(document);
  session.history.push({ id: 'open', parent: null, kind: 'open', body: {} });
  const body = { layer: 'base', how: 'twirl', radius: 900, strength: 230 };
  const blob = pack(Int32Array.from(path(6, 0)));
  document.apply({ kind: 'retouch.liquify', body, blob });
  assert.ok(document.grown);
  document.restore(session.history.state);
  await session.do({ kind: 'retouch.liquify', body, blob });
  assert.equal(document.grown, null);

  const [before, mark, { head }] = [bytesOf(document.layers[0].pixels), kernels.next, session.history];
  document.apply = () => {
    kernels.room(1 << 16);
    document.layers[0].pixels.put(0, 0, new Uint8Array(4 * PIXELS));
    throw new RangeError('no memory');
  };
  await assert.rejects(session.do({ kind: 'fill', body: { layer: 'base', rgba: 0, opacity: 255, mode: 'normal' } }), RangeError);
  assert.ok(bytesOf(document.layers[0].pixels).equals(before));
  assert.deepEqual([kernels.next, session.history.head], [mark, head]);
});

test('what previews have made goes with the last of them, and what they leave to the next one goes after a while', async () => {
  const { document } = opened();
  const screen = { level: 1, visible: [0, 0, SIDE, SIDE], seen: () => [[0, 0], [1, 1]] };
  const session = { document, kernels, history: { head: 'a' }, screen };
  const drafts = Object.assign(session, { drafts: new Drafts(session) }).drafts;
  await ready(session, 'base');
  const first = drafts.ready;
  assert.equal(previewOf(session, 'base'), first);
  assert.equal(drafts.ready, null);
  await ready(session, 'base');
  assert.ok(drafts.ready);
  drafts.endPreview();
  assert.equal(drafts.ready, null);

  first.take({ adjust: { kind: 'invert' } });
  const [half] = first.halves.get('base');
  mock.timers.tick(9_000);
  first.take({ adjust: null });
  mock.timers.tick(9_000);
  const second = new Preview(session, 'base');
  assert.equal(second.halves.get('base')[0], half);
  mock.timers.tick(10_000);
  assert.equal(new Preview(session, 'base').halves.size, 0);
  second.take({ adjust: null });
  assert.equal(new Preview(session, 'base').halves.get('base')[0], half);
});

/** How far what is seen while values come lies from what is seen once they rest: the mean of levels. */
function apart(preview, values, level, tiles) {
  preview.take(values);
  const seen = tiles.map(([x, y]) => preview.get(level, x, y).slice());
  preview.rest();
  let sum = 0;
  tiles.forEach(([x, y], k) => preview.get(level, x, y).forEach((value, i) => {
    sum += Math.abs(value - seen[k][i]);
  }));
  return sum / (tiles.length * 4 * PIXELS);
}

test('what is drawn in a hurry is what comes of it, but for some levels', () => {
  const { document, step } = opened();
  for (const layer of ['one', 'two', 'three']) {
    step('layer.add', { layer, name: layer, above: 'base' });
    step('fill', { layer, rgba: 0x60ff8040, opacity: 255, mode: 'normal' });
  }
  const box = { x0: 0, y0: 0, x1: SIDE, y1: SIDE };
  const points = Array.from({ length: 50 }, (_, k) => (k % 7 ? 0 : 16 * (k - 20)));
  const projected = (...matrix) => ({ transform: { ...box, matrix: matrix.map(Math.round), method: 'bilinear' } });
  const tried = {
    mesh: { mesh: { ...box, columns: 4, rows: 4, points, method: 'bilinear' } },
    'a box that ends between cells': { mesh: { x0: 33, y0: 70, x1: 470, y1: 501, columns: 4, rows: 4, points, method: 'bilinear' } },
    turned: projected(ONE, ONE / 20, 0, -ONE / 20, ONE, 0, 0, 0, ONE),
    perspective: projected(ONE, 0, 0, 0, ONE, 0, ONE / (3 * SIDE), 0, ONE),
    'a part beyond the horizon': projected(ONE, 0, 0, 0, ONE, 0, (-1.5 * ONE) / SIDE, 0, ONE),
    sharpen: { filter: { kind: 'sharpen', amount: 100, radius: 2, threshold: 0 } },
    gaussian: { filter: { kind: 'gaussian', radius: 9 } },
  };
  for (const layer of ['base', 'one']) {
    for (const [level, tiles] of [[0, [[0, 0], [1, 1], [2, 2]]], [1, [[0, 0], [1, 1]]]]) {
      const screen = { level, visible: [0, 0, SIDE, SIDE] };
      for (const [name, values] of Object.entries(tried)) {
        const found = apart(new Preview({ document, kernels, history: { head: '' }, screen }, layer), values, level, tiles);
        assert.ok(found < 2.5, `${name} of ${layer} at level ${level}: ${found.toFixed(2)}`);
      }
    }
  }
});
