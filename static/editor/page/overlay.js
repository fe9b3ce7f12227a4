// What lies over the picture and is no part of it: the edge of the selection, drafts of tools, the crosshair, rulers.

const DASH = 5;
const ANTS_MS = 90;
const LIVELY = 4000; // lines up to which the edge of a selection moves

export class Overlay {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.view = view;
    this.lines = null;
    this.pens = null; // edge.js, once something is to be drawn with it
    this.loading = null;
    this.points = null;
    this.closed = false;
    this.crosshair = null;
    this.guest = null; // { under(context), over(context) }: what generative tools draw
    this.frames = null; // (context) => draws the frame of a tool that has one
    this.extra = null; // the same for what a tool shows besides
    this.rulers = null; // draws them, while they are shown
    this.phase = 0;
    this.framed = false;
    this.calm = matchMedia('(prefers-reduced-motion: reduce)');
    this.colours = { text: '#b0b0ba', plane: '#17171a', line: '#3b3b42' };
    setInterval(() => this.tick(), ANTS_MS);
  }

  resize(width, height, ratio) {
    Object.assign(this.canvas, { width, height });
    this.ratio = ratio;
    this.frame();
  }

  outline(lines) {
    this.lines = lines;
    this.path = null;
    if (lines) {
      this.path = new Path2D();
      for (let i = 0; i < lines.length; i += 4) {
        this.path.moveTo(lines[i], lines[i + 1]);
        this.path.lineTo(lines[i + 2], lines[i + 3]);
      }
      this.need();
    }
    this.frame();
  }

  draft(points, closed = false) {
    if (points) this.need();
    Object.assign(this, { points, closed });
    this.frame();
  }

  cross(point, down = false) {
    if (point) this.need();
    this.crosshair = point && { ...point, down };
    this.frame();
  }

  tick() {
    if (!this.path || this.calm.matches || this.lines.length > 4 * LIVELY || document.hidden) return;
    this.phase = (this.phase + 1) % (2 * DASH);
    this.frame();
  }

  frame() {
    if (this.framed) return;
    this.framed = true;
    requestAnimationFrame(() => {
      this.framed = false;
      this.draw();
    });
  }

  draw() {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.guest?.under(context);
    if (this.path) this.pens?.drawEdge(this, DASH);
    this.guest?.over(context);
    this.frames?.(context);
    this.extra?.(context);
    if (this.points?.length) this.pens?.drawDraft(this, DASH);
    if (this.crosshair) this.pens?.drawCross(this);
    this.rulers?.(this);
  }

  /** Loads what draws edges, drafts and crosshairs, with the first of them. */
  need() {
    this.loading ??= import('./edge.js').then((pens) => {
      this.pens = pens;
      this.frame();
    }, () => {
      this.loading = null;
    });
  }

  /** A line that is seen on every colour: white over black, dashed. */
  twoColours(path, dashed) {
    this.need();
    this.pens?.twoColours(this, path, dashed, DASH);
  }
}
