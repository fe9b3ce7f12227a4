import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LOOKS, SAMPLES } from '../../static/editor/page/effects/samples.js';
import { bodyOf, cornersOf, fitting, placed, turned } from '../../static/editor/page/geometry/maths.js';
import { costOf, still } from '../../static/editor/page/geometry/grid.js';
import { Gestures } from '../../static/editor/page/gestures.js';
import { KEYS, ariaOf, letterOf, rowOf, textOf } from '../../static/editor/page/keymap.js';
import { pointsOf } from '../../static/editor/page/numbers.js';
import { Options, steppedSize } from '../../static/editor/page/options.js';
import { Smoother } from '../../static/editor/page/smoothing.js';
import { arc, bendOf } from '../../static/editor/page/text/bending.js';
import { inOrder, onDocument } from '../../static/editor/page/text/values.js';
import { dropped, rows, stepped } from '../../static/editor/page/tree.js';
import { MOST, View } from '../../static/editor/page/view.js';
import { changedTiles } from '../../static/editor/worker/changes.js';
import { edgesOf } from '../../static/editor/worker/edges.js';
import { encode } from '../../static/editor/worker/encoding.js';
import { newId } from '../../static/editor/worker/ids.js';
import { Kernels } from '../../static/editor/worker/kernels.js';
import { ADJUSTMENTS, FILTERS } from '../../static/editor/worker/kinds.js';
import { newLayer } from '../../static/editor/worker/layers.js';
import { pack } from '../../static/editor/worker/packing.js';
import { PIXELS, Plane } from '../../static/editor/worker/planes.js';
import { decode } from '../../static/editor/worker/png.js';
import { scaled } from '../../static/editor/worker/redrawing.js';
import { MOST_BENT, MOST_GATHERED, workOf } from '../../static/editor/worker/retouch/weight.js';
import { rectangle } from '../../static/editor/worker/selecting.js';
import { pack as packSamples, unpack } from '../../static/editor/worker/strokes.js';
import { Tile, crowded, isOpaque, packBy } from '../../static/editor/worker/tiles.js';
import { kernelFiles } from '../editor/kernel-files.mjs';


const press = (key, code, held = {}) => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
const layer = (id, children = null) => ({ id, group: children !== null, children: children ?? [] });

test('a letter is what the layout types, else what its key types in the United States', () => {
  assert.equal(letterOf({ key: 'z', code: 'KeyY' }), 'z');
  assert.equal(letterOf({ key: 'Z', code: 'Slash' }), 'z');
  assert.equal(letterOf({ key: 'я', code: 'KeyZ' }), 'z');
  assert.equal(letterOf({ key: 'х', code: 'BracketLeft' }), '[');
  assert.equal(letterOf({ key: 'Delete', code: 'Delete' }), 'Delete');
});

test('how much a text is bent is read from its path', () => {
  assert.equal(bendOf(undefined), 0);
  for (const [size, length] of [[320, 20], [768, 300], [16 * 2000, 9000]]) {
    for (let bend = -100; bend <= 100; bend++) {
      if (bend) assert.equal(bendOf(arc({ x: 1600, y: 3200, size }, length, bend)), bend, `${bend} of ${length}`);
    }
  }
});

test('a text is the same in whatever order a server keeps its fields', () => {
  const text = { content: 'a', size: 16, shadow: { dx: 1, dy: 2 }, lines: [[[0, 1, 'sans', 'Latn', 0]]] };
  const kept = { lines: [[[0, 1, 'sans', 'Latn', 0]]], shadow: { dy: 2, dx: 1 }, size: 16, content: 'a' };
  assert.equal(inOrder(text), inOrder(kept));
  assert.notEqual(inOrder(text), inOrder({ ...kept, shadow: { dy: 1, dx: 2 } }));
});

test('a point of a text is found on the document, also in perspective', () => {
  for (const [a, b, c, d, e, f, g, h, i] of [[1, 0, 30, 0, 1, 20, 0, 0, 1], [4, -2, 100, 2, 4, -60, 0, 0, 8], [1000, 20, 3000, -40, 900, 500, 0.4, -0.1, 1000]]) {
    const [x, y] = [70, 41];
    const w = g * x + h * y + i;
    const found = onDocument([a, b, c, d, e, f, g, h, i], (a * x + b * y + c) / w, (d * x + e * y + f) / w);
    assert.ok(Math.hypot(found.x - x, found.y - y) < 1e-9);
  }
  assert.deepEqual(onDocument(null, 3, 4), { x: 3, y: 4 });
});

test('keys find their command, also with AltGr and on a Mac', () => {
  assert.equal(rowOf(press('z', 'KeyZ', { ctrlKey: true })).command, 'undo');
  assert.equal(rowOf(press('Z', 'KeyZ', { metaKey: true, shiftKey: true })).command, 'redo');
  assert.equal(rowOf(press('[', 'Digit5', { ctrlKey: true, altKey: true, getModifierState: () => true })).command, 'size.down');
  assert.equal(rowOf(press('ƒ', 'KeyF', { altKey: true })).command, 'select.feather');
  assert.equal(rowOf(press('{', 'BracketLeft', { shiftKey: true })).command, 'hardness.down');
  assert.equal(rowOf(press('z', 'KeyZ')).command, 'tool.zoom');
  assert.equal(rowOf(press('F5', 'F5')), null);
});

test('no two commands share a key, and every key is written for people and for aria', () => {
  const all = KEYS.flatMap(({ keys }) => keys);
  const names = all.map((entry) => ariaOf(entry));
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
  assert.equal(textOf({ key: 'z', ctrl: true, shift: true }), 'Ctrl+Shift+Z');
  assert.equal(textOf({ key: 'z', ctrl: true, shift: true }, true), '⇧⌘Z');
});

test('every word that the scripts say is in the list of words', async () => {
  const lists = ['_words', '_words_of_help', '_words_of_effects', '_words_of_geometry', '_words_of_shapes', '_words_of_texts', '_words_of_retouching'].map((name) => readFile(new URL(`../../templates/editor/${name}.html`, import.meta.url), 'utf8'));
  const list = (await Promise.all(lists)).join('');
  const known = new Set([...list.matchAll(/data-word="([^"]+)"/g)].map(([, word]) => word));
  for (const { group, keys } of KEYS) {
    assert.ok(known.has(`keys.${group}`), group);
    for (const { command } of keys) assert.ok(known.has(command), command);
  }
  for (const file of ['app', 'main', 'cursor', 'numbers', 'panels/history', 'panels/layers', 'panels/renaming', 'panels/properties', 'effects/panel', 'effects/controls', 'effects/curves', 'effects/levels', 'geometry/room', 'geometry/crop', 'geometry/transform', 'geometry/mesh', 'geometry/sizes', 'shapes/room', 'shapes/panel', 'shapes/pen', 'retouch/tools', 'retouch/source', 'help/palette', 'help/hints', 'help/entries']) {
    const source = await readFile(new URL(`../../static/editor/page/${file}.js`, import.meta.url), 'utf8');
    for (const [, word] of source.matchAll(/\bword\('([^']+)'/g)) assert.ok(known.has(word), `${file}: ${word}`);
    for (const [, plain, quoted] of source.matchAll(/(?:sentenceOf|refuse)\((?:'([^']+)'|"([^"]+)")\)/g)) assert.ok(known.has(`said ${plain ?? quoted}`), plain ?? quoted);
  }
  for (const kind of Object.keys({ ...ADJUSTMENTS, ...SAMPLES })) assert.ok(known.has(`adjust.${kind}`), kind);
  for (const [kind, values] of Object.entries(ADJUSTMENTS)) {
    for (const name of Object.keys(values)) assert.ok(known.has(`effect.${kind}.${name}`) || known.has(`effect.${name}`) || kind === 'balance', name);
  }
  for (const [kind, values] of Object.entries(FILTERS)) {
    for (const key of [`filter.${kind}`, `filter.${kind}.help`, `op.filter.${kind}`]) assert.ok(known.has(key), key);
    for (const name of Object.keys(values)) assert.ok(name === 'seed' || known.has(`effect.${name}`), name);
  }
  for (const look of Object.keys(LOOKS)) assert.ok(known.has(`look.${look}`), look);
  for (const file of ['document', 'engine', 'layers']) {
    const source = await readFile(new URL(`../../static/editor/worker/${file}.js`, import.meta.url), 'utf8');
    for (const found of source.matchAll(/Impossible\((?:'([^'\n]+)'|"([^"\n]+)")\)/g)) {
      assert.ok(known.has(`said ${found[1] ?? found[2]}`), found[0]);
    }
  }
});

test('the point under the pointer stays where it is while the scale changes', () => {
  const view = new View();
  Object.assign(view, { width: 1000, height: 800, pictureWidth: 4096, pictureHeight: 4096 });
  view.fit();
  for (const scale of [0.5, 1, 3, 17, 1000, 0.3]) {
    const before = view.toPicture(321, 456);
    view.zoomTo(scale, 321, 456);
    const after = view.toPicture(321, 456);
    assert.ok(Math.hypot(before.x - after.x, before.y - after.y) * view.scale < 2, String(scale));
    assert.ok(view.scale <= MOST);
  }
  view.zoomTo(1, 10, 10);
  assert.ok(Number.isInteger(view.x) && Number.isInteger(view.y));
  view.pan(1e6, 1e6);
  assert.ok(view.toScreen(0, 0).x < view.width);
});

test('smoothing looks only back and ends where the pen is', () => {
  const path = Array.from({ length: 20 }, (_, i) => ({ x: i * 10, y: (i % 2) * 6, pressure: 1 }));
  const one = new Smoother(60);
  const two = new Smoother(60);
  const first = path.map((sample) => one.add(sample));
  assert.deepEqual(path.slice(0, 7).map((sample) => two.add(sample)), first.slice(0, 7));
  assert.deepEqual(one.rest(), [path.at(-1)]);
  assert.deepEqual(new Smoother(0).add(path[3]), path[3]);
});

test('a layer steps over its neighbours, into groups and out of them', () => {
  const layers = [layer('a'), layer('group', [layer('b')]), layer('c')];
  assert.deepEqual(rows(layers).map((row) => [row.layer.id, row.depth]), [['c', 0], ['group', 0], ['b', 1], ['a', 0]]);
  assert.deepEqual(stepped(layers, 'a', 1), { group: 'group', above: null });
  assert.deepEqual(stepped(layers, 'c', -1), { group: 'group', above: 'b' });
  assert.deepEqual(stepped(layers, 'b', 1), { group: null, above: 'group' });
  assert.deepEqual(stepped(layers, 'b', -1), { group: null, above: 'a' });
  assert.deepEqual(stepped(layers, 'group', 1), { group: null, above: 'c' });
  assert.equal(stepped(layers, 'c', 1), null);
  assert.equal(stepped(layers, 'a', -1), null);
  assert.deepEqual(dropped(layers, 'a', 'c', 'above'), { group: null, above: 'c' });
  assert.deepEqual(dropped(layers, 'c', 'a', 'below'), { group: null, above: null });
  assert.deepEqual(dropped(layers, 'c', 'group', 'into'), { group: 'group', above: 'b' });
  assert.equal(dropped(layers, 'group', 'b', 'above'), null);
});

test('sizes step by a pixel while small and by a tenth later, and there is a way back', () => {
  assert.equal(steppedSize(3, 1), 4);
  assert.equal(steppedSize(100, 1), 110);
  assert.equal(steppedSize(110, -1), 100);
  assert.equal(steppedSize(1, -1), 1);
  assert.equal(steppedSize(2000, 1), 2000);
});

test('a form of numbers means points', () => {
  assert.deepEqual(pointsOf({ x: '1', y: '2' }), [[1, 2]]);
  assert.deepEqual(pointsOf({ x: '1', y: '2', x2: '3', y2: '4.5' }), [[1, 2], [3, 4.5]]);
  assert.deepEqual(pointsOf({ dx: '5', dy: '-6' }), [[0, 0], [5, -6]]);
  assert.deepEqual(pointsOf({ points: '1, 2\n3 4; -5 6 7' }), [[1, 2], [3, 4], [-5, 6]]);
});

test('two fingers scale about their middle, and a tap with two undoes', () => {
  const done = [];
  const view = new View();
  Object.assign(view, { width: 1000, height: 800, pictureWidth: 2000, pictureHeight: 2000, scale: 1 });
  const gestures = new Gestures({ view, look: () => {}, run: (command) => done.push(command) });
  const at = (px, py) => ({ px, py });
  assert.equal(gestures.down({ pointerId: 1 }, at(400, 400)), false);
  assert.equal(gestures.down({ pointerId: 2 }, at(600, 400)), true);
  gestures.move({ pointerId: 1 }, at(300, 400));
  gestures.move({ pointerId: 2 }, at(700, 400));
  assert.ok(Math.abs(view.scale - 2) < 0.2);
  gestures.up({ pointerId: 1 });
  gestures.up({ pointerId: 2 });
  assert.deepEqual(done, []);
  gestures.down({ pointerId: 3 }, at(400, 400));
  gestures.down({ pointerId: 4 }, at(500, 400));
  gestures.up({ pointerId: 3 });
  gestures.up({ pointerId: 4 });
  assert.deepEqual(done, ['undo']);
});

test('ids sort by the time they were made', () => {
  const ids = Array.from({ length: 500 }, () => newId(1_700_000_000_000));
  assert.deepEqual([...ids].sort(), ids);
  assert.match(ids[0], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('the edge of a selection is its outline', () => {
  const size = [700, 600];
  const { lines, box } = edgesOf(rectangle([10, 20, 600, 500], size), size);
  assert.deepEqual(box, [10, 20, 600, 500]);
  let length = 0;
  for (let i = 0; i < lines.length; i += 4) length += Math.abs(lines[i] - lines[i + 2]) + Math.abs(lines[i + 1] - lines[i + 3]);
  assert.equal(length, 2 * (590 + 480));
  const all = edgesOf(rectangle([0, 0, ...size], size), size);
  assert.deepEqual(all.box, [0, 0, ...size]);
  assert.equal(edgesOf(new Plane(1), size), null);
});

test('only tiles that differ are drawn anew, and everything where the order changed', () => {
  const tile = (value) => new Tile(new Uint8Array(4 * PIXELS).fill(value).fill(9, 0, 4));
  const plane = (...tiles) => {
    const made = new Plane();
    tiles.forEach(([x, y, one]) => made.restore(x, y, one));
    return made;
  };
  const [red, blue, other] = [tile(1), tile(2), tile(3)];
  const a = newLayer({ id: 'a', pixels: plane([0, 0, red], [1, 0, blue]) });
  const b = newLayer({ id: 'b', pixels: plane([3, 3, blue]) });
  assert.deepEqual(changedTiles([a, b], [{ ...a, pixels: plane([0, 0, red], [1, 0, other]) }, b]), [[1, 0]]);
  assert.deepEqual(changedTiles([a, b], [a, { ...b, opacity: 3 }]), [[3, 3]]);
  assert.deepEqual(changedTiles([a, b], [a]), [[3, 3]]);
  assert.equal(changedTiles([a, b], [b, a]), null);
  assert.equal(changedTiles([a, b], [a, { ...b, clip: true }]), null);
});

test('a tile that is packed is the same tile, with the same bytes', async () => {
  const kernels = await Kernels.load(kernelFiles('k1'));
  await kernels.add('areas');
  packBy(kernels);
  const made = { smooth: (i) => (i * 31) >>> 9, rough: (i) => (i % 4 === 3 ? 255 : (i * i * 7919) >>> 7) };
  for (const [size, make] of [[4 * PIXELS, made.smooth], [4 * PIXELS, made.rough], [PIXELS, made.smooth]]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => make(i));
    const tile = new Tile(bytes.slice());
    pack(kernels, tile);
    assert.equal(tile.raw, null);
    assert.ok(tile.packed.length < size);
    assert.equal(tile.rough, size === 4 * PIXELS && make === made.rough);
    assert.equal(tile.opaque, size === 4 * PIXELS && isOpaque(bytes));
    const at = kernels.room(size);
    tile.into(kernels, at);
    assert.deepEqual(kernels.bytes(at, size), bytes);
    assert.equal(tile.raw, null);
    assert.deepEqual(tile.bytes, bytes);
  }
  packBy(null);
  assert.equal(crowded(), false);
});

test('a PNG is written and read again to the same bytes, transparent ones too', async () => {
  const kernels = await Kernels.load(kernelFiles('k1'));
  const [width, height] = [300, 270];
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => (i * 7919) >>> (i % 5));
  for (let i = 3; i < data.length; i += 4) data[i] = Math.max(1, data[i]);
  const png = new Uint8Array(await (await encode({ width, height, data })).arrayBuffer());
  const picture = await decode(kernels, png);
  assert.deepEqual([picture.width, picture.height], [width, height]);
  assert.deepEqual(picture.plane.read([0, 0, width, height]), data);
  await assert.rejects(decode(kernels, png.subarray(0, png.length - 400)));
});

test('a pen begins as its owner prefers, and what was set in this browser goes first', () => {
  const begins = (pressure, held) => {
    const options = new Options({ getItem: () => JSON.stringify(held ?? {}), setItem: () => {} }, pressure);
    return ['pressureSize', 'pressureFlow'].map((name) => options.get('brush', name));
  };
  assert.deepEqual(begins(undefined), [true, false]);
  assert.deepEqual(begins('size'), [true, false]);
  assert.deepEqual(begins('flow'), [false, true]);
  assert.deepEqual(begins('both'), [true, true]);
  assert.deepEqual(begins('none'), [false, false]);
  assert.deepEqual(begins('none', { tools: { brush: { pressureFlow: true } } }), [false, true]);
});

test('a mask is painted in sizes of its own, which begin as those of the layer', () => {
  const options = new Options(null);
  options.set('brush', 'size', 90);
  options.masks = true;
  assert.equal(options.get('brush', 'size'), 90);
  options.set('brush', 'size', 12);
  options.set('brush', 'hardness', 5);
  assert.deepEqual([options.get('brush', 'size'), options.get('eraser', 'size')], [12, 24]);
  options.masks = false;
  assert.deepEqual([options.get('brush', 'size'), options.get('brush', 'hardness')], [90, 5]);
});

test('corners become a projection in whole numbers that leads each of them back', () => {
  const box = [10, 20, 110, 70];
  const corners = cornersOf(box);
  assert.deepEqual(bodyOf(box, corners, 'bicubic').matrix, [2 ** 24, 0, 0, 0, 2 ** 24, 0, 0, 0, 2 ** 24]);
  const quarter = corners.map((corner) => turned(corner, { x: 60, y: 45 }, 90));
  assert.ok(bodyOf(box, quarter, 'nearest').matrix.every((value) => value % 2 ** 24 === 0), 'a quarter turn only moves bytes');
  const askew = [{ x: 0, y: 0 }, { x: 100, y: 10 }, { x: 90, y: 90 }, { x: 5, y: 70 }];
  const { matrix, x0, y1 } = bodyOf(box, askew, 'bicubic');
  assert.deepEqual([x0, y1], [-1, 91]);
  askew.forEach((corner, i) => {
    const { x, y } = placed(matrix, corner);
    assert.ok(Math.hypot(x - corners[i].x, y - corners[i].y) < 1e-3);
  });
  assert.ok(matrix.every((value, i) => Number.isInteger(value) && Math.abs(value) <= 2 ** (i % 3 === 2 ? 50 : 34)));
  assert.equal(bodyOf(box, [askew[0], askew[2], askew[1], askew[3]], 'bicubic'), null, 'a knot is no frame');
  const inside = fitting({ centre: { x: 50, y: 50 }, width: 100, height: 100, degrees: 45 }, { width: 100, height: 100 });
  assert.ok(Math.abs(inside - Math.SQRT1_2) < 1e-9);
});

test('a step of the log is done at another size, where it does not depend on pixels', () => {
  const blob = packSamples(Int32Array.from([16, 32, 255, 160, 320, 200]));
  const stroke = { kind: 'stroke', body: { radius: 160, spacing: 40, flags: 0 }, blob };
  const larger = scaled(stroke, [2, 2]);
  assert.equal(larger.body.radius, 320);
  assert.deepEqual([...unpack(larger.blob)], [32, 64, 255, 320, 640, 200]);
  assert.equal(scaled({ ...stroke, body: { ...stroke.body, radius: 16384 } }, [2, 2]), null, 'no larger than the server takes');
  const rectangle = { kind: 'select', body: { shape: 'rectangle', x0: 1, y0: 2, x1: 30, y1: 40, feather: 9 }, blob: new Uint8Array(0) };
  assert.deepEqual(scaled(rectangle, [3, 3]).body, { shape: 'rectangle', x0: 3, y0: 6, x1: 90, y1: 120, feather: 27 });
  for (const [kind, body] of [['select', { shape: 'wand' }], ['erase', {}], ['filter', {}], ['move', {}], ['canvas', {}], ['layer.add', { asset: 'a' }], ['retouch.clone', { dx: 1 }], ['retouch.smudge', {}]]) {
    assert.equal(scaled({ kind, body, blob: new Uint8Array(0) }, [2, 2]), null, kind);
  }
});

test('liquify puts no more into one operation than the server takes', () => {
  for (let radius = 16; radius <= 16384; radius = Math.ceil(radius * 1.1)) {
    for (const strokes of [1, 20, 151]) {
      // The longest way, all strokes together, with a dab at the begin of each.
      let [low, high] = [0, 1e9];
      while (high - low > 1) {
        const way = (low + high) / 2;
        if (workOf(radius, way) + (strokes - 1) * workOf(radius, 0) < MOST_BENT + MOST_GATHERED) low = way;
        else high = way;
      }
      const dabs = strokes + (16 * low) / Math.max(8, radius / 8);
      const side = Math.max(32, 2 * Math.ceil((radius + 8) / 16) + 3);
      assert.ok(dabs <= 400_000, `${dabs} dabs of ${radius}`);
      assert.ok(dabs * side ** 2 <= 3_000_000_000, `${dabs * side ** 2} pixels of ${radius}`);
    }
  }
});

test('a mesh costs the box around all of it, however thin its parts are', () => {
  const corners = still(2).map((_, i) => (i < 3 ? { x: -9000, y: -9000 } : i < 6 ? { x: -9000, y: 9000 } : { x: 9000, y: 9000 }));
  assert.ok(costOf([0, 0, 8, 8], corners, 2) > 18_000 ** 2);
  assert.ok(costOf([0, 0, 800, 800], still(2), 2) < 1.1 * 800 ** 2);
});
