// The point from which clone and healing brush take their pixels: marked once, shown as a cross, kept for the next stroke.
import { say } from '../say.js';
import { word } from '../words.js';

const MOST = 2 * 8192;

export class Source {
  constructor(tool) {
    this.tool = tool;
    this.at = null; // as it was marked
    this.by = null; // from where one paints to where pixels come from
    this.asked = false; // the next press marks
    this.drawing = null; // where the pen is
    this.over = null; // where the pointer is
  }

  /** Is drawn over the picture while its tool is in hand. */
  attach(app) {
    app.overlay.extra = (context) => this.draw(app, context);
  }

  mark(app, point) {
    this.at = { x: Math.floor(point.x), y: Math.floor(point.y) };
    this.by = null;
    this.asked = false;
    this.attach(app);
    app.overlay.frame();
    say(word('source.marked', this.at));
    app.status(word('source.marked', this.at));
  }

  /** How far the pixels of a stroke that begins at a point come from. Aligned, later strokes keep it; else each begins at the mark. */
  offset(app, point) {
    if (!this.by || !app.options.get(this.tool, 'aligned')) {
      const held = (value) => Math.max(-MOST, Math.min(MOST, value));
      this.by = { dx: held(this.at.x - Math.floor(point.x)), dy: held(this.at.y - Math.floor(point.y)) };
    }
    return this.by;
  }

  /** The cross: where pixels are taken from now. */
  draw(app, context) {
    if (app.tool.name !== this.tool || !this.at) return;
    const pen = this.drawing ?? (this.by && app.options.get(this.tool, 'aligned') ? this.over : null);
    const at = pen && this.by ? { x: pen.x + this.by.dx, y: pen.y + this.by.dy } : { x: this.at.x + 0.5, y: this.at.y + 0.5 };
    const { x, y } = app.view.toScreen(at.x, at.y);
    const { ratio } = app;
    for (const [width, colour] of [[3, '#000'], [1.5, '#fff']]) {
      context.beginPath();
      context.arc(x, y, 6 * ratio, 0, 7);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * 2 * ratio, y + dy * 2 * ratio);
        context.lineTo(x + dx * 11 * ratio, y + dy * 11 * ratio);
      }
      context.lineWidth = width * ratio;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
}
