// A stroke of a brush is kept as it is drawn (hand.js), and done as far as it was drawn when the document is opened after a crash: there is
// nothing of a stroke that could be chosen still, so it is what a lifted pen would have left.
import { hold } from './hand.js';
import { pack } from '../worker/strokes.js';

const KEEP = 250; // ms between two times that it is kept

export class Drawn {
  constructor(app) {
    this.app = app;
    this.stroke = null; // in hand: { tool, kind, body, samples }
    this.timer = 0;
    // A stroke that gets too large for one operation goes on as a new one: what is done already isn't in hand any more.
    app.link.on('split', ({ done }) => {
      this.stroke?.samples.splice(0, done);
      this.keep();
    });
  }

  /** Notes that a stroke grew; it is kept soon, and not while the pen waits for its pixels. */
  grew(stroke) {
    this.stroke = stroke;
    this.timer ||= setTimeout(() => this.keep(), KEEP);
  }

  keep() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.stroke || this.isTaken(this.stroke.tool)) return;
    hold(this.app, { layer: this.stroke.body.layer, ...this.stroke });
  }

  /** The stroke is done, or dropped. */
  end() {
    const { stroke } = this;
    clearTimeout(this.timer);
    Object.assign(this, { stroke: null, timer: 0 });
    if (stroke && this.app.hand?.kept && !this.isTaken(stroke.tool)) hold(this.app, null);
  }

  /** Whether another tool has something in hand, as a path while the other end of the pen rubs out. */
  isTaken(tool) {
    const values = this.app.hand?.kept?.values;
    return Boolean(values) && values.tool !== tool;
  }
}

/** Does a stroke that was in hand, as if the pen had been lifted then. */
export const restore = (app, { kind, body, samples }) => app.do(kind, body, pack(Int32Array.from(samples)));
