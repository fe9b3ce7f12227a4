// Milliseconds of processor that previews take in the worker's own scripts, on 4096² with three layers, for what a window of 1120 × 850 shows:
// `node tests/benchmarks/editor-previews.mjs [name] [frames]`. Unlike the clock they hardly depend on what else the machine does.
import { changedTiles } from '../../static/editor/worker/changes.js';
import { Document } from '../../static/editor/worker/document.js';
import { Kernels } from '../../static/editor/worker/kernels.js';
import { loadFor } from '../../static/editor/worker/later.js';
import { PIXELS, Plane, TILE } from '../../static/editor/worker/planes.js';
import { Preview } from '../../static/editor/worker/previewing.js';
import { Shown } from '../../static/editor/worker/shown.js';
import { pack } from '../../static/editor/worker/strokes.js';
import { kernelFiles } from '../editor/kernel-files.mjs';

const SIDE = 4096;
const ONE = 1 << 24;
const WARM = 2; // frames before those that count
const VIEWS = { 'whole picture': { level: 2, visible: [0, 0, SIDE, SIDE] }, 'at 100 %': { level: 0, visible: [1500, 1600, 2620, 2450] } };
const [only, frames = '20'] = process.argv.slice(2);

function photograph() {
  const plane = new Plane();
  for (let at = 0; at < (SIDE / TILE) ** 2; at++) {
    const [tx, ty] = [at % 16, at >> 4];
    const tile = new Uint8Array(4 * PIXELS);
    for (let i = 0; i < PIXELS; i++) {
      const [x, y] = [tx * TILE + (i % TILE), ty * TILE + (i >> 8)];
      tile.set([128 + 90 * Math.sin(x / 31) + (Math.imul(x * 7 + y, 2654435761) >>> 28), 128 + 80 * Math.cos(y / 23), (x * y) >> 12, 255], 4 * i);
    }
    plane.put(tx, ty, tile);
  }
  return plane;
}

const mesh = (frame) => {
  const points = Array.from({ length: 50 }, (_, k) => (k % 5 ? 0 : (k * 37 + frame * 16 * (1 + (k % 3))) % 2400));
  return { mesh: { x0: 0, y0: 0, x1: SIDE, y1: SIDE, columns: 4, rows: 4, points, method: 'bicubic' } };
};
const transform = (matrix) => ({ transform: { x0: -SIDE, y0: -SIDE, x1: SIDE, y1: SIDE, matrix: matrix.map(Math.round), method: 'bicubic' } });
const lean = (frame) => (ONE * frame) / 400;
const sharpen = (values) => ({ filter: { kind: 'sharpen', amount: 100, radius: 3, threshold: 2, ...values } });
const TRIED = {
  mesh,
  transform: (frame) => transform([ONE + lean(frame), lean(frame), 0, -lean(frame), ONE + lean(frame), 0, 0, 0, ONE]),
  perspective: (frame) => transform([ONE, 0, 0, 0, ONE, 0, (frame * ONE) / (40 * SIDE), 0, ONE]),
  'sharpen amount': (frame) => sharpen({ amount: 10 + 10 * frame }),
  'sharpen radius': (frame) => sharpen({ radius: 1 + (frame % 9) }),
  gaussian: (frame) => ({ filter: { kind: 'gaussian', radius: 10 + (frame % 15) } }),
};

function used(work) {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

function report(name, times) {
  const sorted = times.slice(WARM).sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1);
  console.log(`${name.padEnd(30)} p50 ${at(0.5)}, p95 ${at(0.95)} ms of processor; the first ${times[0].toFixed(0)}`);
}

function tilesOf({ level, visible }) {
  const [x0, y0, x1, y1] = visible.map((value) => value / (TILE << level));
  const out = [];
  for (let y = Math.floor(y0); y < y1; y++) for (let x = Math.floor(x0); x < x1; x++) out.push([x, y]);
  return out;
}

function liquified(document, kernels) {
  const [first, shown, samples] = [document.snapshot(), new Shown(kernels, document), []];
  return Array.from({ length: 40 }, (_, i) => {
    samples.push((1500 + 16 * i) * 16, 2000 * 16, 255);
    return used(() => {
      const before = document.snapshot();
      document.restore(first);
      document.apply({ kind: 'retouch.liquify', body: { layer: 'base', how: 'push', radius: 2400, strength: 255 }, blob: pack(Int32Array.from(samples)) });
      for (const [x, y] of changedTiles(before.layers, document.layers) ?? []) {
        shown.forget(x, y);
        shown.get(0, x, y);
      }
    });
  });
}

const kernels = await Kernels.load(kernelFiles('k1'));
const plane = photograph();
const document = new Document(kernels, () => ({ plane, width: SIDE, height: SIDE }));
const operations = [{ kind: 'open', body: { width: SIDE, height: SIDE, layer: 'base', name: '', asset: 'photograph' } }];
for (const layer of ['one', 'two']) {
  operations.push({ kind: 'layer.add', body: { layer, name: layer, above: operations.length > 1 ? 'one' : 'base' } });
  operations.push({ kind: 'fill', body: { layer, rgba: 0x60ff8040, opacity: 255, mode: 'normal' } });
}
await loadFor([...operations, ...['mesh', 'transform', 'filter', 'retouch.liquify'].map((kind) => ({ kind, body: {} }))], kernels);
for (const operation of operations) document.apply({ blob: new Uint8Array(0), ...operation });
for (const [where, view] of Object.entries(VIEWS)) {
  const session = { document, kernels, history: { head: '' }, screen: view };
  for (const [name, made] of Object.entries(TRIED)) {
    if (only && only !== name) continue;
    const preview = new Preview(session, 'base');
    const times = Array.from({ length: Number(frames) }, (_, frame) => {
      preview.take(made(frame + 1));
      return used(() => tilesOf(view).forEach(([x, y]) => preview.get(view.level, x, y)));
    });
    report(`${name}, ${where}`, times);
  }
}
if (!only || only === 'liquify') report('liquify, an event', liquified(document, kernels));
