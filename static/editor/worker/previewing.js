// A value that is still being chosen for an adjustment or a filter, shown on what is visible, at the level that the screen draws:
// layers are made smaller first and then composed, so that a slider moves at the same speed over a picture of any size. What an
// operation gives is composed at full size and made smaller then, so the two may differ by a little until the slider is let go.
import { draw } from './compositor.js';
import { filterAt } from './filtering.js';
import { find, walk } from './layers.js';
import { Rows } from './made.js';
import { part } from './parts.js';
import { cut } from './planes.js';
import { Composed, Half, Sampled } from './previewplanes.js';
import { PIXELS, TILE } from './tiles.js';

const SLICE = 8; // ms at once
const PAUSE = 8; // ms between, in which a pen goes first

const KEPT = 10_000; // ms after the last value, in which a next preview takes over what this one has

let halves = new Map(); // of layers, by id, over all previews; they know by themselves what has changed
let keptTimer = 0;

export class Preview {
  /** A preview of a layer of the document as it is now. */
  constructor(session, id) {
    const { document, kernels, history } = session;
    Object.assign(this, { session, id, kernels, document, head: history.head, values: {}, levels: new Map(), reads: new Map(), rows: new Rows(), filled: null, halves });
    this.moving = false; // whether values still come one after the other
    this.turn = 0; // counts the tiles that were composed
    this.tile = new Uint8Array(4 * PIXELS); // the last one that was asked for
    for (const known of halves.keys()) if (![...walk(document.layers)].some((layer) => layer.id === known)) halves.delete(known);
    this.keep();
  }

  /** Leaves its halves to the next preview, for a while. */
  keep() {
    halves = this.halves;
    clearTimeout(keptTimer);
    keptTimer = setTimeout(() => {
      halves = new Map();
    }, KEPT);
  }

  /** What the layer is tried with: { adjust }, { filter }, { mesh } or { transform }. */
  take(values) {
    this.values = values;
    this.moving = Boolean(values.filter || values.mesh || values.transform);
    this.keep();
  }

  /** Makes what was made in a hurry as it will be. */
  rest() {
    this.moving = false;
    this.values = Object.fromEntries(Object.entries(this.values).map(([name, value]) => [name, { ...value }]));
  }

  /** What the screen shows of the picture, in pixels of a level. */
  visible(level) {
    return this.session.screen.visible.map((value, i) => (i < 2 ? Math.floor : Math.ceil)(value / (1 << level)));
  }

  /** A tile as the screen asks for it; its bytes are there until the next one is asked for. */
  get(level, x, y) {
    // What lies beside the document is no part of it.
    return cut(this.composed(this.layersAt(level), level, x, y, this.tile), x, y, this.document.size.map((side) => Math.ceil(side / (1 << level))));
  }

  composed(layers, level, x, y, tile = new Uint8Array(4 * PIXELS)) {
    const { kernels, document } = this;
    const mark = kernels.next;
    const target = kernels.room(4 * PIXELS);
    this.turn += 1;
    kernels.all.fill(0, target, target + 4 * PIXELS);
    draw(kernels, target, layers, { x, y, level, size: document.size }, true);
    tile.set(kernels.bytes(target, 4 * PIXELS));
    kernels.reset(mark);
    return tile;
  }

  /** The layers at a level, with what is tried. What is below a layer that stands by itself is one layer of them; while values come, so is what
   * lies above it, which differs by a level or two from layer upon layer. */
  layersAt(level) {
    const { id } = this;
    if (!this.levels.has(level)) this.levels.set(level, this.prepared(level));
    const { exact, hurried } = this.levels.get(level);
    const layers = this.moving ? hurried : exact;
    const { adjust, filter, mesh, transform } = this.values;
    const layer = find(layers, id);
    if (adjust) layer.adjust = adjust;
    if (filter && layer.filter !== filter) {
      layer.filter = filter;
      layer.whole ??= layer.pixels;
      layer.pixels = filterAt(this, layer, level);
    }
    if (mesh && layer.mesh !== mesh) {
      layer.mesh = mesh;
      part('mesh').bend(this, layer, level, mesh);
    }
    if (transform && layer.transform !== transform) {
      layer.transform = transform;
      part('transform').project(this, layer, level, transform);
    }
    return layers;
  }

  prepared(level) {
    const { document: { layers }, id } = this;
    const top = layers.findIndex((layer) => layer.id === id);
    const apart = top > 0 && !layers[top].clip && !layers[top + 1]?.clip;
    const exact = layers.slice(apart ? top : 0).map((layer) => this.smaller(layer, level));
    if (apart) exact.unshift({ ...PLAIN, pixels: new Composed(this, layers.slice(0, top).map((layer) => this.smaller(layer, level)), level) });
    const from = exact.findIndex((layer) => layer.id === id) + 1;
    const count = from && !exact[from]?.clip ? laidOver(exact.slice(from)) : 0;
    const hurried = exact.slice();
    if (count > 1) hurried.splice(from, count, { ...PLAIN, pixels: new Composed(this, exact.slice(from, from + count), level) });
    return { exact, hurried };
  }

  /** What every byte is of a layer's mask where nothing was painted. */
  blankOf(id) {
    return find(this.document.layers, id).mask.blank;
  }

  smaller(layer, level) {
    return {
      ...layer, pixels: this.halved(layer, level), mask: layer.mask && this.mask(layer.mask, level), children: layer.children.map((child) => this.smaller(child, level)),
    };
  }

  mask(plane, level) {
    return level ? new Sampled(plane, level) : plane;
  }

  halved({ id, pixels }, level) {
    if (!level) return pixels;
    const { halves } = this;
    if (!halves.has(id)) halves.set(id, []);
    const known = halves.get(id);
    for (let i = 0; i < level; i++) {
      known[i] ??= new Half(this.kernels, null);
      known[i].plane = i ? known[i - 1] : pixels;
    }
    return known[level - 1];
  }

  /** What is below the layer, tile by tile, at a level at which the picture has about a million pixels: for a histogram. */
  * below() {
    const [width, height] = this.document.size;
    const level = Math.min(6, Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / 1024))));
    const layers = under(this.document.layers, this.id).map((layer) => this.smaller(layer, level));
    const [w, h] = [width, height].map((side) => Math.max(1, side >> level));
    for (let y = 0; y * TILE < h; y++) {
      for (let x = 0; x * TILE < w; x++) {
        yield { tile: this.composed(layers, level, x, y), columns: Math.min(TILE, w - x * TILE), rows: Math.min(TILE, h - y * TILE) };
      }
    }
  }
}

const PLAIN = { id: '', group: false, visible: true, opacity: 255, mode: 'normal', clip: false, through: false, adjust: null, mask: null, mask_on: true, children: [] };

/** How many siblings, from the first on, do nothing but lie over what is below. */
function laidOver(layers) {
  const changes = ({ mode, clip, adjust, group, through }, next) => mode !== 'normal' || clip || adjust || (group && through) || next?.clip;
  const end = layers.findIndex((layer, i) => changes(layer, layers[i + 1]));
  return end < 0 ? layers.length : end;
}

/** The layers below one, as its group has them: an adjustment of a group that lets its backdrop through changes that too. */
function under(layers, id) {
  const out = [];
  for (const layer of layers) {
    if (layer.id === id) return out;
    if ([...walk(layer.children)].some((child) => child.id === id)) {
      const inside = under(layer.children, id);
      return layer.through ? [...out, ...inside] : inside;
    }
    out.push(layer);
  }
  return out;
}

/** A preview of a layer: the one that is ready, if it still is of the document as it is. */
export function previewOf(session, id) {
  const { drafts } = session;
  const known = drafts.ready;
  drafts.ready = null;
  return known?.id === id && known.head === session.history.head ? known : new Preview(session, id);
}

/** Makes what the first value of a layer's adjustment would have to wait for, some milliseconds at a time, in case that one comes. */
export async function ready(session, id) {
  if (![...walk(session.document.layers)].some((layer) => layer.id === id)) return; // undone meanwhile
  const preview = new Preview(session, id);
  const { screen, drafts } = session;
  drafts.ready = preview;
  const { level } = screen;
  let begun = performance.now();
  for (const [x, y] of screen.seen()) {
    if (performance.now() - begun > SLICE) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (drafts.ready !== preview || drafts.stroke || screen.level !== level || preview.head !== session.history.head) return;
      begun = performance.now();
    }
    preview.get(level, x, y);
  }
}

/** How often each value is there of red, green, blue and luminosity, below a layer, where something is opaque. */
export function histogram(session, id) {
  const counts = [0, 1, 2, 3].map(() => new Uint32Array(256));
  const [reds, greens, blues, lights] = counts;
  for (const { tile, columns, rows } of new Preview(session, id).below()) {
    for (let y = 0; y < rows; y++) {
      for (let at = 4 * TILE * y; at < 4 * (TILE * y + columns); at += 4) {
        if (tile[at + 3] < 128) continue;
        const [r, g, b] = [tile[at], tile[at + 1], tile[at + 2]];
        reds[r] += 1;
        greens[g] += 1;
        blues[b] += 1;
        lights[(77 * r + 151 * g + 28 * b + 128) >> 8] += 1;
      }
    }
  }
  return counts;
}
