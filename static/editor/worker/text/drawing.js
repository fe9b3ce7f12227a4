// A text's pixels: its glyphs' outlines filled by the kernels, with outline and shadow. The twin of editor/replay/text/drawing.py.
import { forward, isAffine } from '../following.js';
import { Impossible } from '../layers.js';
import { PIXELS, Plane, TILE, intersection, placeOf, places } from '../planes.js';
import { warped } from '../warping.js';
import { placed } from './layout.js';

const MOST_FILLS = 400_000; // glyphs times the tiles that each lies on
const MOST_FACTOR = 1n << 38n; // of what `path_fill` takes
const MOST_SHIFT = 1n << 53n;
const MOST_PEN = 1 << 18;
const MOST_BLUR = 250;
const ROUND = [1, 1, 256, 0, 0, 0]; // cap, join, limit, no dashes
const FINER = 2; // how much larger a text is drawn that is then seen in perspective
const TAKES = [1, 1, 2, 3, 0]; // points of each verb of an outline

/** The pixels of a text layer of a document of a size; primary: the font that says how high lines are. */
export function drawn(kernels, harfbuzz, text, place, [width, height], primary) {
  const area = [-width, -height, 2 * width, 2 * height];
  const glyphs = placed(harfbuzz, text, primary);
  if (isAffine(place)) return new Drawing(kernels, harfbuzz, text, glyphs, forward(place), area).plane();
  const larger = [BigInt(FINER) << 32n, 0n, 0n, 0n, BigInt(FINER) << 32n, 0n];
  const flat = new Drawing(kernels, harfbuzz, text, glyphs, larger, [-8192, -8192, 8192, 8192]).plane();
  return warped(kernels, flat, place.map((value, index) => (index < 6 ? value * BigInt(FINER) : value)), area, 'bicubic');
}

/** One text as it is drawn; way: from its plane to the document; area: what is kept. */
class Drawing {
  constructor(kernels, harfbuzz, text, glyphs, way, area) {
    Object.assign(this, { kernels, text, way, area });
    this.scale = root(abs(way[0] * way[4] - way[1] * way[3]));
    this.pen = text.outline?.width ?? 0;
    this.begin = kernels.next;
    this.paths = this.all(harfbuzz, glyphs);
    this.mark = kernels.next;
    this.fills = 0;
  }

  /** The pixels: shadow, outline, letters. */
  plane() {
    const out = new Plane();
    const { text, kernels } = this;
    if (text.shadow) {
      const [dx, dy, radius] = this.cast(text.shadow);
      this.paint(out, this.softened(this.cover({ moved: [dx, dy], outlined: true }), radius), text.shadow.rgba);
    }
    if (this.pen) this.paint(out, this.cover({ outlined: true, filled: false }), text.outline.rgba);
    this.paint(out, this.cover({}), text.rgba);
    kernels.reset(this.begin);
    return out;
  }

  /** Where a shadow falls, in 2^-32 of a pixel, and the radius of the boxes that soften it. */
  cast(shadow) {
    const [dx, dy] = [BigInt(shadow.dx) << 28n, BigInt(shadow.dy) << 28n];
    const { way } = this;
    const radius = (BigInt(shadow.blur) * this.scale + (1n << 36n)) >> 37n;
    return [(way[0] * dx + way[1] * dy) >> 32n, (way[3] * dx + way[4] * dy) >> 32n, radius > MOST_BLUR ? MOST_BLUR : Number(radius)];
  }

  all(harfbuzz, glyphs) {
    const outlines = new Map();
    const styles = new Map();
    const paths = [];
    for (const { font, glyph, units, matrix } of glyphs) {
      const key = `${font} ${glyph}`;
      if (!outlines.has(key)) outlines.set(key, put(this.kernels, harfbuzz.outline(font, glyph)));
      const found = outlines.get(key);
      if (!found) continue;
      const m = joined(this.way, matrix);
      if (m.some((value, i) => abs(value) > (i % 3 === 2 ? MOST_SHIFT : MOST_FACTOR))) continue;
      if (this.pen && !styles.has(units)) styles.set(units, this.style(units));
      const at = this.kernels.put(BigInt64Array.from(m));
      paths.push({ path: found.path, m, at, style: styles.get(units) ?? 0, box: this.reach(m, found.box) });
    }
    return paths;
  }

  /** The pen of an outline: as wide again inside of the letter, where the letter hides it. */
  style(units) {
    const width = Math.min(MOST_PEN, Math.max(1, Math.floor((32 * this.pen * units) / this.text.size)));
    return this.kernels.put(Int32Array.from([width, ...ROUND]));
  }

  /** The pixels that a path may touch. */
  reach(m, [x0, y0, x1, y1]) {
    const corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]];
    const xs = corners.map(([x, y]) => Number((m[0] * x + m[1] * y + m[2]) >> 32n));
    const ys = corners.map(([x, y]) => Number((m[3] * x + m[4] * y + m[5]) >> 32n));
    const more = 2 + this.stretch();
    return [Math.min(...xs) - more, Math.min(...ys) - more, Math.max(...xs) + more, Math.max(...ys) + more];
  }

  /** How far an outline reaches beyond its letter, in pixels, in whatever direction. */
  stretch() {
    const longest = [0, 1, 3, 4].map((i) => abs(this.way[i])).reduce((a, b) => (a > b ? a : b));
    return this.pen ? Number((2n * BigInt(this.pen) * longest) >> 36n) + 1 : 0;
  }

  /** How much of each pixel the letters cover, or what is drawn around them. */
  cover({ moved = [0n, 0n], outlined = false, filled = true }) {
    const mask = new Plane(1);
    const [dx, dy] = moved.map((value) => Number(value >> 32n));
    const byPlace = new Map();
    for (const path of this.paths) {
      const [x0, y0, x1, y1] = path.box;
      for (const place of places(intersection([x0 + dx, y0 + dy, x1 + dx + 1, y1 + dy + 1], this.area))) {
        const key = place.join();
        if (!byPlace.has(key)) byPlace.set(key, { place, paths: [] });
        byPlace.get(key).paths.push(path);
        this.fills += 1;
        if (this.fills > MOST_FILLS) {
          this.kernels.reset(this.begin);
          throw new Impossible('This text is too large to be drawn. Make it shorter or smaller.');
        }
      }
    }
    for (const { place, paths } of byPlace.values()) mask.put(...place, this.tile(place, paths, moved, outlined, filled));
    return mask;
  }

  tile([x, y], paths, moved, outlined, filled) {
    const { kernels } = this;
    const { run } = kernels;
    kernels.reset(this.mark);
    const cells = kernels.room(8 * (TILE + 2) * TILE);
    const out = kernels.room(PIXELS);
    run.path_clear(cells, TILE, TILE);
    for (const { path, m, at, style } of paths) {
      const stays = !moved[0] && !moved[1];
      const by = stays ? at : kernels.put(BigInt64Array.from([m[0], m[1], m[2] + moved[0], m[3], m[4], m[5] + moved[1]]));
      if (filled) run.path_fill(cells, x * TILE, y * TILE, TILE, TILE, ...path, by);
      if (outlined && style) run.path_stroke(cells, x * TILE, y * TILE, TILE, TILE, ...path, by, style);
    }
    run.path_cover(out, cells, TILE, TILE, 0);
    return kernels.bytes(out, PIXELS).slice();
  }

  paint(out, mask, rgba) {
    const { kernels } = this;
    for (const key of [...mask.tiles.keys()]) {
      const [x, y] = placeOf(key);
      kernels.reset(this.mark);
      const target = kernels.put(out.get(x, y));
      const source = kernels.room(4 * PIXELS);
      const cover = kernels.put(mask.get(x, y));
      new Uint32Array(kernels.memory.buffer, source, PIXELS).fill(rgba);
      kernels.run.composite(target, source, cover, PIXELS, 255, 0);
      out.put(x, y, kernels.bytes(target, 4 * PIXELS).slice());
    }
  }

  /** A mask blurred by three boxes, tile by tile, each from all that counts for it. */
  softened(mask, radius) {
    const { kernels } = this;
    const bounds = mask.bounds();
    if (!radius || !bounds) return mask;
    const margin = 3 * radius;
    const side = TILE + 2 * margin;
    const out = new Plane(1);
    const [x0, y0, x1, y1] = bounds;
    for (const [tx, ty] of places(intersection([x0 - margin, y0 - margin, x1 + margin, y1 + margin], this.area))) {
      const [x, y] = [tx * TILE - margin, ty * TILE - margin];
      const values = mask.read([x, y, x + side, y + side]);
      if (!values.some(Boolean)) continue;
      kernels.reset(this.mark);
      const at = kernels.put(values);
      kernels.run.mask_feather(at, kernels.room(values.length), side, side, radius, 0);
      const soft = kernels.bytes(at, side * side);
      const tile = new Uint8Array(PIXELS);
      for (let row = 0; row < TILE; row++) tile.set(soft.subarray((margin + row) * side + margin, (margin + row) * side + margin + TILE), row * TILE);
      out.put(tx, ty, tile);
    }
    return out;
  }
}

const abs = (value) => (value < 0n ? -value : value);

/** The largest whole number whose square isn't above one. */
function root(value) {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** The way of a glyph to the document: first onto the text's plane. */
function joined(way, [a, b, c, d, e, f]) {
  return [
    (way[0] * a + way[1] * d) >> 32n, (way[0] * b + way[1] * e) >> 32n, ((way[0] * c + way[1] * f) >> 32n) + way[2],
    (way[3] * a + way[4] * d) >> 32n, (way[3] * b + way[4] * e) >> 32n, ((way[3] * c + way[4] * f) >> 32n) + way[5],
  ];
}

/** An outline in the kernels' memory as verbs and points; null where a glyph has none, as a space. */
function put(kernels, outline) {
  const verbs = [];
  const points = [];
  for (let at = 0; at < outline.length;) {
    const verb = outline[at];
    verbs.push(verb);
    for (let i = 1; i <= 2 * TAKES[verb]; i++) points.push(outline[at + i]);
    at += 1 + 2 * TAKES[verb];
  }
  if (!points.length) return null;
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].map(BigInt);
  return { path: [kernels.put(Uint8Array.from(verbs)), verbs.length, kernels.put(Int32Array.from(points)), points.length / 2], box };
}
