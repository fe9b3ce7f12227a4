// The canvas: which part of the picture it shows, at which scale, and tiles put onto it.
import { TILE } from './planes.js';
import { MOST_LEVEL } from './shown.js';
import { isOpaque } from './tiles.js';

const LIGHT = 255;
const DARK = 217;
const MOST_CANVASES = 400;
const BUDGET = 14; // milliseconds of a frame in which missing tiles are made; the rest follows in the next ones

export class Screen {
  constructor(canvas, kernels, shown) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false });
    this.kernels = kernels;
    this.shown = shown;
    // The picture's point at the canvas' corner, and device pixels a pixel of the picture.
    this.x = 0;
    this.y = 0;
    this.scale = 1;
    this.backdrop = '#09090a';
    this.grid = true;
    this.surfaces = new Map(); // tiles as canvases, least recently used first
    this.stale = new Set(); // those that show what is no longer so
    this.image = new ImageData(TILE, TILE);
    this.whole = true; // whether everything is drawn next, and not only the tiles that wait
    this.waiting = new Set(); // tiles of level 0, by place, that are on the canvas as they were
  }

  resize(width, height) {
    Object.assign(this.canvas, { width, height });
    this.whole = true;
  }

  look({ x, y, scale }, backdrop = this.backdrop) {
    if (x === this.x && y === this.y && scale === this.scale && backdrop === this.backdrop) return;
    Object.assign(this, { x, y, scale, backdrop, whole: true });
  }

  showGrid(on) {
    this.grid = on;
    this.whole = true;
  }

  /** The level whose tiles are drawn at half to full size, or larger. */
  get level() {
    return Math.min(MOST_LEVEL, Math.max(0, Math.floor(-Math.log2(this.scale) + 1e-9)));
  }

  /** The part of the picture that the canvas shows, as [x0, y0, x1, y1] of its pixels. */
  get visible() {
    const { width, height } = this.canvas;
    return [this.x, this.y, this.x + width / this.scale, this.y + height / this.scale];
  }

  /** Whether a tile of level 0 is seen in its own pixels. */
  sees(x, y) {
    const [x0, y0, x1, y1] = this.visible;
    return this.level === 0 && (x + 1) * TILE > x0 && (y + 1) * TILE > y0 && x * TILE < x1 && y * TILE < y1;
  }

  /** A tile of level 0 has changed, and is to be drawn anew. */
  forget(x, y) {
    this.waiting.add(placeKey(x, y));
    this.spoil(x, y);
  }

  /** Marks what is kept of a tile of level 0, and of the levels made of it, as out of date; the canvas shows it as it is. */
  spoil(x, y) {
    for (let level = 0; level <= MOST_LEVEL; level++) {
      const key = surfaceKey(level, x >> level, y >> level);
      if (this.surfaces.has(key)) this.stale.add(key);
    }
  }

  /** Marks everything as changed, and has what is seen drawn anew over what the canvas shows. */
  forgetAll() {
    for (const key of this.surfaces.keys()) this.stale.add(key);
    for (const [tx, ty] of this.seen()) this.waiting.add(placeKey(tx << this.level, ty << this.level));
  }

  clear() {
    this.surfaces.clear();
    this.stale.clear();
    this.whole = true;
  }

  /** Draws what is visible and not on the canvas yet. Returns whether tiles were left for the next frame. */
  draw() {
    const { context, canvas } = this;
    const { width, height } = this.shown.document;
    const end = performance.now() + BUDGET;
    const lines = this.grid && this.scale >= 8;
    if (!this.whole && !lines) return this.drawWaiting(end);
    this.whole = false;
    this.waiting.clear();
    context.fillStyle = this.backdrop;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.save();
    context.beginPath();
    context.rect(this.toScreenX(0), this.toScreenY(0), this.toScreenX(width) - this.toScreenX(0), this.toScreenY(height) - this.toScreenY(0));
    context.clip();
    const { level } = this;
    for (const [tx, ty] of this.seen()) if (!this.drawTile(level, tx, ty, end)) this.waiting.add(placeKey(tx << level, ty << level));
    context.restore();
    if (lines) this.drawGrid();
    return this.waiting.size > 0;
  }

  /** Draws the tiles that wait over what is on the canvas. */
  drawWaiting(end) {
    const { level } = this;
    const [first, last] = this.range(level);
    const tiles = new Set();
    for (const place of this.waiting) tiles.add(placeKey(Math.floor(place / 4096) >> level, (place % 4096) >> level));
    this.waiting.clear();
    for (const tile of tiles) {
      const [tx, ty] = [Math.floor(tile / 4096), tile % 4096];
      if (tx < first[0] || ty < first[1] || tx > last[0] || ty > last[1]) continue;
      if (performance.now() > end) this.waiting.add(placeKey(tx << level, ty << level));
      else if (!this.putTile(tx, ty)) this.drawTile(level, tx, ty, Infinity);
    }
    return this.waiting.size > 0;
  }

  /** The first and the last tile, as [column, row], of a level that is visible. */
  range(level) {
    const { width, height } = this.shown.document;
    const [x0, y0, x1, y1] = this.visible;
    const side = TILE << level;
    return [
      [Math.max(0, Math.floor(x0 / side)), Math.max(0, Math.floor(y0 / side))],
      [Math.min(Math.ceil(width / side) - 1, Math.floor(x1 / side)), Math.min(Math.ceil(height / side) - 1, Math.floor(y1 / side))],
    ];
  }

  /** The tiles of the level that are visible. */
  * seen() {
    const [first, last] = this.range(this.level);
    for (let ty = first[1]; ty <= last[1]; ty++) for (let tx = first[0]; tx <= last[0]; tx++) yield [tx, ty];
  }

  drawTile(level, tx, ty, end) {
    const { context } = this;
    const key = surfaceKey(level, tx, ty);
    const fresh = this.surfaces.has(key) && !this.stale.has(key);
    const late = !fresh && performance.now() > end;
    const surface = late ? this.surfaces.get(key) : this.surface(key, level, tx, ty);
    if (!surface) return false;
    const side = TILE << level;
    const [ax, ay] = [this.toScreenX(tx * side), this.toScreenY(ty * side)];
    const [bx, by] = [this.toScreenX((tx + 1) * side), this.toScreenY((ty + 1) * side)];
    context.imageSmoothingEnabled = this.scale < 2 && bx - ax !== TILE;
    // What lies beside the document has no part in its last row and column, whatever the scale.
    const { width, height } = this.shown.document;
    const [w, h] = [width - tx * side, height - ty * side].map((length) => Math.max(1, Math.min(TILE, length >> level)));
    context.drawImage(surface, 0, 0, w, h, ax, ay, w === TILE ? bx - ax : this.toScreenX(width) - ax, h === TILE ? by - ay : this.toScreenY(height) - ay);
    return !late;
  }

  /** Puts a box of a tile of level 0 straight onto the canvas; only at 100 %. Tells whether the canvas is as it should be. */
  put(tx, ty, tile, [x0, y0, x1, y1], opaque) {
    if (this.scale !== 1 || this.x % 1 || this.y % 1) return false;
    const [px, py] = [tx * TILE - this.x, ty * TILE - this.y];
    const right = Math.min(x1, this.shown.document.width - tx * TILE);
    const below = Math.min(y1, this.shown.document.height - ty * TILE);
    if (px + x0 >= this.canvas.width || px + x1 <= 0 || py + y0 >= this.canvas.height || py + y1 <= 0 || right <= x0 || below <= y0) return true;
    const image = opaque ? imageOf(tile) : this.presented(tile, tx, ty, y0, y1);
    this.context.putImageData(image, px, py, x0, y0, right - x0, below - y0);
    return true;
  }

  /** Puts a tile of level 0 straight onto the canvas, where it isn't kept as a canvas of its own. */
  putTile(tx, ty) {
    if (this.scale !== 1 || this.x % 1 || this.y % 1) return false;
    const key = surfaceKey(0, tx, ty);
    if (this.surfaces.has(key) && !this.stale.has(key)) return false;
    const tile = this.shown.get(0, tx, ty);
    return this.put(tx, ty, tile, [0, 0, TILE, TILE], isOpaque(tile));
  }

  /** Rows of a tile over the checkerboard. The image is of use until the next call. */
  presented(tile, tx, ty, y0, y1) {
    const { kernels, image } = this;
    const mark = kernels.next;
    const [from, to] = [4 * y0 * TILE, 4 * y1 * TILE];
    const at = kernels.put(tile.subarray(from, to));
    this.present(at, at, (y1 - y0) * TILE, tx * TILE, ty * TILE + y0);
    image.data.set(kernels.bytes(at, to - from), from);
    kernels.reset(mark);
    return image;
  }

  /** Lays n pixels of whole rows of a tile over the checkerboard. */
  present(out, at, n, x, y) {
    const row = 4 * TILE;
    for (let i = 0; i < n / TILE; i++) this.kernels.run.present(out + i * row, at + i * row, TILE, x, y + i, LIGHT, DARK);
  }

  surface(key, level, tx, ty) {
    let canvas = this.surfaces.get(key);
    if (canvas) this.surfaces.delete(key);
    if (!canvas || this.stale.has(key)) canvas = this.painted(level, tx, ty, canvas);
    this.stale.delete(key);
    this.surfaces.set(key, canvas);
    if (this.surfaces.size > MOST_CANVASES) this.surfaces.delete(this.surfaces.keys().next().value);
    return canvas;
  }

  painted(level, tx, ty, before) {
    const tile = this.shown.get(level, tx, ty);
    const image = isOpaque(tile) ? imageOf(tile) : this.presented(tile, tx, ty, 0, TILE);
    const canvas = before ?? new OffscreenCanvas(TILE, TILE);
    canvas.getContext('2d', { alpha: false }).putImageData(image, 0, 0);
    return canvas;
  }

  /** Lines between pixels, from 8 device pixels a pixel on. */
  drawGrid() {
    const { context } = this;
    const [x0, y0, x1, y1] = this.visible;
    const { width, height } = this.shown.document;
    context.strokeStyle = 'rgb(128 128 128 / 35%)';
    context.lineWidth = 1;
    context.beginPath();
    for (let x = Math.max(0, Math.ceil(x0)); x <= Math.min(width, x1); x++) {
      context.moveTo(this.toScreenX(x) + 0.5, this.toScreenY(Math.max(0, y0)));
      context.lineTo(this.toScreenX(x) + 0.5, this.toScreenY(Math.min(height, y1)));
    }
    for (let y = Math.max(0, Math.ceil(y0)); y <= Math.min(height, y1); y++) {
      context.moveTo(this.toScreenX(Math.max(0, x0)), this.toScreenY(y) + 0.5);
      context.lineTo(this.toScreenX(Math.min(width, x1)), this.toScreenY(y) + 0.5);
    }
    context.stroke();
  }

  toScreenX(x) {
    return Math.round((x - this.x) * this.scale);
  }

  toScreenY(y) {
    return Math.round((y - this.y) * this.scale);
  }
}

/** A tile as an image, without a copy. */
const imageOf = (tile) => new ImageData(new Uint8ClampedArray(tile.buffer, tile.byteOffset, tile.length), TILE, TILE);
const placeKey = (x, y) => x * 4096 + y;
const surfaceKey = (level, x, y) => (level * 4096 + x) * 4096 + y;
