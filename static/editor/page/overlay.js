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
    this.edge = null; // draws the edge of the selection, once there is one
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
      import('./edge.js').then(({ drawEdge }) => {
        this.edge = drawEdge;
        this.frame();
      }, () => {});
    }
    this.frame();
  }

  draft(points, closed = false) {
    Object.assign(this, { points, closed });
    this.frame();
  }

  cross(point, down = false) {
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
    if (this.path) this.edge?.(this, DASH);
    this.guest?.over(context);
    this.frames?.(context);
    this.extra?.(context);
    if (this.points?.length) this.drawDraft();
    if (this.crosshair) this.drawCross();
    this.rulers?.(this);
  }

  /** A line that is seen on every colour: white over black, dashed. */
  twoColours(path, dashed) {
    const { context, view, ratio } = this;
    const { scale } = view;
    context.save();
    context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
    context.lineWidth = ratio / scale;
    context.strokeStyle = '#000';
    context.stroke(path);
    const dash = (DASH * ratio) / scale;
    if (dashed) {
      context.setLineDash([dash, dash]);
      context.lineDashOffset = (-this.phase * ratio) / scale;
    } else context.lineWidth = ratio / 2 / scale;
    context.strokeStyle = '#fff';
    context.stroke(path);
    context.restore();
  }

  drawDraft() {
    const path = new Path2D();
    this.points.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (this.closed) path.closePath();
    this.twoColours(path, true);
    if (this.closed) return;
    const { context, view, ratio } = this;
    for (const point of this.points) {
      const { x, y } = view.toScreen(point.x, point.y);
      context.beginPath();
      context.arc(x, y, 3.5 * ratio, 0, 7);
      context.fillStyle = '#fff';
      context.fill();
      context.lineWidth = ratio;
      context.strokeStyle = '#000';
      context.stroke();
    }
  }

  drawCross() {
    const { context, view, ratio, crosshair } = this;
    const { x, y } = view.toScreen(crosshair.x, crosshair.y);
    const [gap, arm] = [(crosshair.down ? 0 : 4) * ratio, 14 * ratio];
    for (const [width, colour] of [[3, '#000'], [1.5, crosshair.down ? '#8fa4ff' : '#fff']]) {
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * gap, y + dy * gap);
        context.lineTo(x + dx * arm, y + dy * arm);
      }
      context.lineWidth = width * ratio;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
}
