// Which part of the picture is seen, and how large: all of it in device pixels of the canvas. Pure numbers.

export const LEAST = 1 / 64;
export const MOST = 64;
const STEPS = [1 / 64, 1 / 32, 1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const MARGIN = 32; // device pixels around a picture that fits
const STAYS = 48; // at least so much of the picture stays in sight

export class View {
  constructor() {
    Object.assign(this, { x: 0, y: 0, scale: 1, width: 1, height: 1, pictureWidth: 1, pictureHeight: 1 });
  }

  get values() {
    const { x, y, scale } = this;
    return { x, y, scale };
  }

  resize(width, height) {
    if (this.fitted) {
      Object.assign(this, { width, height });
      this.fit();
      return;
    }
    const centre = this.toPicture(this.width / 2, this.height / 2);
    Object.assign(this, { width, height });
    this.centre(centre);
  }

  toPicture(px, py) {
    return { x: this.x + px / this.scale, y: this.y + py / this.scale };
  }

  toScreen(x, y) {
    return { x: (x - this.x) * this.scale, y: (y - this.y) * this.scale };
  }

  pan(dx, dy) {
    this.settle(this.x - dx / this.scale, this.y - dy / this.scale);
  }

  centre({ x, y }) {
    this.settle(x - this.width / this.scale / 2, y - this.height / this.scale / 2);
  }

  /** Changes the scale so that the point under (px, py) stays where it is. */
  zoomTo(scale, px = this.width / 2, py = this.height / 2) {
    const point = this.toPicture(px, py);
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
    this.settle(point.x - px / this.scale, point.y - py / this.scale);
  }

  /** The next larger (1) or smaller (-1) of the usual scales. */
  step(direction, px, py) {
    const near = 1.001;
    const next = direction > 0 ? STEPS.find((scale) => scale > this.scale * near) : STEPS.findLast((scale) => scale * near < this.scale);
    this.zoomTo(next ?? this.scale, px, py);
  }

  fit() {
    const room = Math.min((this.width - 2 * MARGIN) / this.pictureWidth, (this.height - 2 * MARGIN) / this.pictureHeight);
    this.scale = Math.min(1, Math.max(LEAST, room));
    this.centre({ x: this.pictureWidth / 2, y: this.pictureHeight / 2 });
    this.fitted = true; // and stays so when the window changes, until the person moves or scales the picture
  }

  /** On whole device pixels, so that 100 % is exact; never so far that the picture is lost. */
  settle(x, y) {
    this.fitted = false;
    const { scale } = this;
    const clamp = (value, size, room) => Math.min(size - STAYS / scale, Math.max((STAYS - room) / scale, value));
    this.x = Math.round(clamp(x, this.pictureWidth, this.width) * scale) / scale;
    this.y = Math.round(clamp(y, this.pictureHeight, this.height) * scale) / scale;
  }
}
