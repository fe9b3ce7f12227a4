// The canvas: which part of the picture it shows, at which scale, and tiles put onto it.
import { PIXELS, TILE } from './planes.js';
import { MOST_LEVEL } from './shown.js';

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
  }

  resize(width, height) {
    Object.assign(this.canvas, { width, height });
  }

  look({ x, y, scale }) {
    Object.assign(this, { x, y, scale });
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

  /** Marks a tile of level 0, and the levels made of it, as changed. */
  forget(x, y) {
    for (let level = 0; level <= MOST_LEVEL; level++) {
      const key = surfaceKey(level, x >> level, y >> level);
      if (this.surfaces.has(key)) this.stale.add(key);
    }
  }

  /** Marks everything as changed. */
  forgetAll() {
    for (const key of this.surfaces.keys()) this.stale.add(key);
  }

  clear() {
    this.surfaces.clear();
    this.stale.clear();
  }

  /** Draws what is visible. Returns whether tiles were left for the next frame. */
  draw() {
    const { context, canvas } = this;
    const { width, height } = this.shown.document;
    context.fillStyle = this.backdrop;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.save();
    context.beginPath();
    context.rect(this.toScreenX(0), this.toScreenY(0), this.toScreenX(width) - this.toScreenX(0), this.toScreenY(height) - this.toScreenY(0));
    context.clip();
    const [x0, y0, x1, y1] = this.visible;
    const level = this.level;
    const side = TILE << level;
    const last = [Math.ceil(width / side) - 1, Math.ceil(height / side) - 1];
    const end = performance.now() + BUDGET;
    let left = false;
    for (let ty = Math.max(0, Math.floor(y0 / side)); ty <= Math.min(last[1], Math.floor(y1 / side)); ty++) {
      for (let tx = Math.max(0, Math.floor(x0 / side)); tx <= Math.min(last[0], Math.floor(x1 / side)); tx++) {
        if (!this.drawTile(level, tx, ty, end)) left = true;
      }
    }
    context.restore();
    if (this.grid && this.scale >= 8) this.drawGrid();
    return left;
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

  /** Puts rows of a tile, which lie at `at` in the kernels' memory, straight onto the canvas; only at 100 %. */
  putRows(tx, ty, at, y0, y1, opaque) {
    if (this.scale !== 1 || this.x % 1 || this.y % 1) return false;
    const [px, py] = [tx * TILE - this.x, ty * TILE - this.y];
    const right = Math.min(TILE, this.shown.document.width - tx * TILE);
    const below = Math.min(y1, this.shown.document.height - ty * TILE);
    if (px >= this.canvas.width || px + TILE <= 0 || py + y0 >= this.canvas.height || py + y1 <= 0 || below <= y0) return true;
    const { kernels, image } = this;
    const n = (y1 - y0) * TILE;
    const from = at + 4 * y0 * TILE;
    if (opaque) image.data.set(kernels.bytes(from, 4 * n), 4 * y0 * TILE);
    else {
      const mark = kernels.next;
      const out = kernels.room(4 * n);
      this.present(out, from, n, tx * TILE, ty * TILE + y0);
      image.data.set(kernels.bytes(out, 4 * n), 4 * y0 * TILE);
      kernels.reset(mark);
    }
    this.context.putImageData(image, px, py, 0, y0, right, below - y0);
    return true;
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
    const { kernels, image } = this;
    const tile = this.shown.get(level, tx, ty);
    if (isOpaque(tile)) image.data.set(tile);
    else {
      const mark = kernels.next;
      const at = kernels.put(tile);
      this.present(at, at, PIXELS, tx * TILE, ty * TILE);
      image.data.set(kernels.bytes(at, 4 * PIXELS));
      kernels.reset(mark);
    }
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

/** Whether no pixel of a tile is transparent. */
export function isOpaque(tile) {
  const words = new Uint32Array(tile.buffer, tile.byteOffset, tile.length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] < 0xff000000) return false;
  return true;
}

const surfaceKey = (level, x, y) => (level * 4096 + x) * 4096 + y;
