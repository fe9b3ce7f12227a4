// What is shown and is no operation yet: a stroke in hand, what is tried (trying.js); and the picture as it was opened, while the person looks at it.
import { newId } from './ids.js';
import { ENGINE } from './kernels.js';
import { LiveStroke } from './live.js';
import { part } from './parts.js';
import { busy } from './queue.js';
import { tell } from './reports.js';
import { pack } from './strokes.js';

const SETTLE = 4; // ms at once
const PAUSE = 8; // ms between, in which a pen goes first
let retouching = null; // the class of strokes of those tools, once one is used

export class Drafts {
  constructor(session) {
    this.session = session;
    this.stroke = null;
    this.ended = null; // the stroke before, while its tiles lie in the kernels' memory
    this.waiting = []; // samples that came while others were drawn
    this.lifting = []; // who waits until the stroke is over
    this.trying = null; // values, places and operations that are still being chosen, from the first one on
    this.ready = null; // a preview that waits for its first value
    this.before = null; // the picture as it was opened, while that is looked at (comparing.js)
  }

  // --- the stroke in hand -------------------------------------------------------------------------------------

  beginStroke(body, kind = 'stroke') {
    this.endStroke();
    this.endPreview();
    this.ended?.settle();
    this.ended = null;
    const Stroke = kind === 'stroke' ? LiveStroke : (retouching ??= part('retouch').strokeFrom(LiveStroke));
    this.stroke = new Stroke(this.session.document, this.session.shown, body, kind);
  }

  addToStroke() {
    const { stroke } = this;
    const { screen } = this.session;
    const samples = join(this.waiting);
    this.waiting = [];
    if (!stroke || !samples.length) return;
    for (const { x, y, box, tile, opaque } of stroke.add(samples)) {
      if (tile && !this.before && screen.put(x, y, tile, box, opaque)) screen.spoil(x, y);
      else {
        screen.forget(x, y);
        this.session.frame();
      }
    }
    if (stroke.isFull) {
      tell({ type: 'split', done: stroke.samples.length - 3 });
      const last = stroke.samples.slice(-3);
      this.endStroke();
      this.beginStroke(stroke.body, stroke.kind);
      this.stroke.add(Int32Array.from(last));
    }
  }

  /** Resolves once no stroke is in hand. */
  async lifted() {
    while (this.stroke) await new Promise((lift) => this.lifting.push(lift));
  }

  /** Takes the stroke out of the hand. */
  lift() {
    const { stroke } = this;
    this.stroke = null;
    for (const lift of this.lifting.splice(0)) lift();
    return stroke;
  }

  endStroke() {
    this.addToStroke();
    const stroke = this.lift();
    if (!stroke) return;
    if (!stroke.samples.length) {
      stroke.abandon();
      return;
    }
    const { session } = this;
    const { kind, body } = stroke;
    const made = () => ({ id: newId(), parent: session.history.head, kind, engine: ENGINE, body, blob: pack(stroke.samples) });
    if (stroke.heals) {
      const before = session.history.state;
      const operation = made();
      this.give(stroke);
      stroke.heals(operation);
      session.commit(operation);
      session.redraw(before);
      return;
    }
    stroke.end();
    this.ended = stroke;
    setTimeout(() => this.settle());
    session.commit(made());
  }

  /** Copies what the last stroke painted out of the kernels' memory, some milliseconds at a time. */
  settle() {
    if (!this.ended) return;
    // What is under way may use memory behind it, and gives that back at its end.
    if (!busy() && this.ended.settle(SETTLE)) this.ended = null;
    else setTimeout(() => this.settle(), PAUSE);
  }

  dropStroke() {
    this.waiting = [];
    const stroke = this.lift();
    if (!stroke) return;
    this.give(stroke);
    this.session.frame();
  }

  /** Takes a stroke from the screen; the layer is as it was. */
  give(stroke) {
    for (const [x, y] of stroke.abandon()) this.session.touch(x, y);
  }

  // --- what is tried ------------------------------------------------------------------------------------------

  /** What the screen draws: the document as it was opened, as it would be, or as it is. */
  show() {
    const { screen, shown } = this.session;
    screen.shown = this.before ?? this.trying?.tried ?? shown;
    screen.forgetAll();
    this.session.frame();
  }

  endPreview() {
    this.ready = null;
    this.trying?.end();
  }
}

function join(lists) {
  const out = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return out;
}
