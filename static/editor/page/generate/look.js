// A result, or what of it there is so far, laid over the picture where it would stand: inside of the mask it was ordered with.

const SIDE = 1024; // pixels of what is laid over while a result is drawn, and of its mask

export class Look {
  constructor(generation) {
    this.generation = generation;
    this.app = generation.app;
    this.order = null; // the id of the order that is looked at
    this.index = 0; // which of its results
    this.held = false; // the person looks at the picture without it
    this.shown = null; // { address, canvas, place, clear }
    this.masks = new Map();
    this.turn = 0;
  }

  get found() {
    return this.generation.orders.find(this.order);
  }

  get result() {
    return this.found?.results[this.index] ?? null;
  }

  choose(order, index) {
    Object.assign(this, { order, index, held: false });
    this.refresh();
    this.generation.strip.follow();
  }

  /** Takes it away; returns whether there was something. */
  hide() {
    const was = Boolean(this.order);
    Object.assign(this, { order: null, shown: null, held: false });
    this.turn += 1;
    this.app.overlay.frame();
    if (was) this.generation.strip.follow();
    return was;
  }

  hold(on) {
    if (this.held === on) return;
    this.held = on;
    this.app.overlay.frame();
    this.generation.strip.follow();
  }

  /** Another step of the history is another picture: what was laid over it goes, except while its order is under way. */
  follow() {
    const { head } = this.app.state.history;
    if (this.head !== undefined && this.head !== head && this.result) this.hide();
    this.head = head;
  }

  /** Loads what there is to see of the order now. */
  async refresh() {
    const { found, result } = this;
    const preview = found?.previews?.findLast(Boolean);
    const address = result ? result.large : preview;
    const place = address && placeOf(found, result, this.app.state);
    if (!place) {
      this.shown = null;
      this.app.overlay.frame();
      return;
    }
    if (this.shown?.address === address) return;
    this.turn += 1;
    const { turn } = this;
    const canvas = await this.composed(found, address, place).catch(() => null);
    if (turn !== this.turn || !canvas) return;
    this.shown = { address, canvas, place, clear: found.gives === 'mask', beside: Boolean(found.canvas) && !result };
    this.app.overlay.frame();
    this.generation.strip.follow();
    // All of its pixels, where it is larger than what came first.
    if (!result || Math.max(result.width, result.height) <= SIDE) return;
    const whole = await this.composed(found, result.master, place, true).catch(() => null);
    if (turn === this.turn && whole) Object.assign(this.shown, { canvas: whole });
    this.app.overlay.frame();
  }

  /** A picture inside of its mask. */
  async composed(order, address, place, whole = false) {
    // Not by fetch: where storage is elsewhere, pictures come from there, and only pictures may.
    const image = new Image();
    image.src = address;
    await image.decode();
    const [width, height] = [place[2] - place[0], place[3] - place[1]];
    const scale = whole ? 1 : Math.min(1, SIDE / Math.max(width, height));
    const canvas = Object.assign(document.createElement('canvas'), { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    // What fades at the rim of a selection is in the result's own pixels.
    const mask = await this.maskOf(order, place, order.results.length > 0);
    if (mask) {
      context.globalCompositeOperation = 'destination-in';
      context.drawImage(mask, 0, 0, canvas.width, canvas.height);
    }
    return canvas;
  }

  async maskOf({ id, of_selection: ofSelection, operation }, box, hard) {
    if (!ofSelection) return null;
    const key = `${id} ${box} ${hard}`;
    if (!this.masks.has(key)) {
      this.masks.set(key, this.app.link.ask('mask', { operation, box, side: SIDE, hard }).then((mask) => {
        if (!mask) return null;
        const canvas = Object.assign(document.createElement('canvas'), { width: mask.width, height: mask.height });
        canvas.getContext('2d').putImageData(new ImageData(mask.data, mask.width, mask.height), 0, 0);
        return canvas;
      }));
    }
    return this.masks.get(key);
  }

  draw(context) {
    if (!this.shown || this.held) return;
    const { canvas, place: [x0, y0, x1, y1], clear, beside } = this.shown;
    const { view } = this.app;
    context.save();
    if (beside) this.clip(context);
    const [a, b] = [view.toScreen(x0, y0), view.toScreen(x1, y1)];
    if (clear) {
      context.fillStyle = this.checks(context);
      context.fillRect(a.x, a.y, b.x - a.x, b.y - a.y);
    }
    context.imageSmoothingEnabled = view.scale < 2;
    context.drawImage(canvas, a.x, a.y, b.x - a.x, b.y - a.y);
    context.restore();
  }

  /** Leaves out the picture itself: what it grows by is all that is drawn. */
  clip(context) {
    const { view, state } = this.app;
    const [a, b] = [view.toScreen(0, 0), view.toScreen(state.width, state.height)];
    const area = new Path2D();
    area.rect(0, 0, context.canvas.width, context.canvas.height);
    area.rect(a.x, a.y, b.x - a.x, b.y - a.y);
    context.clip(area, 'evenodd');
  }

  checks(context) {
    const side = Math.round(8 * this.app.ratio);
    const tile = Object.assign(document.createElement('canvas'), { width: 2 * side, height: 2 * side });
    const inner = tile.getContext('2d');
    inner.fillStyle = '#fff';
    inner.fillRect(0, 0, 2 * side, 2 * side);
    inner.fillStyle = '#d9d9d9';
    inner.fillRect(0, 0, side, side);
    inner.fillRect(side, side, side, side);
    return context.createPattern(tile, 'repeat');
  }
}

/** Where an order's preview or result stands, as [x0, y0, x1, y1] of the picture that is open; null where it can't be laid over it. */
function placeOf(order, result, { width, height }) {
  const [dx, dy] = order.canvas ? [order.canvas.dx, order.canvas.dy] : [0, 0];
  if (!result) return order.box && [order.box[0] - dx, order.box[1] - dy, order.box[2] - dx, order.box[3] - dy];
  if (!order.place_of_result) return Math.abs(result.width / result.height - width / height) < 0.01 ? [0, 0, width, height] : null;
  const [x, y, w, h] = order.place_of_result;
  return [x - dx, y - dy, x - dx + w, y - dy + h];
}
