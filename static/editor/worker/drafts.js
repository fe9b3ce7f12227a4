// What is shown and is no operation yet: a stroke in hand, a value that is being chosen, a layer that is being moved; and
// the picture as it was opened, while the person looks at it.
import { newId } from './ids.js';
import { ENGINE } from './kernels.js';
import { loadFor } from './later.js';
import { Impossible, find, walk } from './layers.js';
import { LiveStroke } from './live.js';
import { part } from './parts.js';
import { shifted } from './planes.js';
import { busy } from './queue.js';
import { pack } from './strokes.js';

const SETTLE = 4; // ms at once
const REST = 150; // ms after the last value of a filter
const PAUSE = 8; // ms between, in which a pen goes first
let retouching = null; // the class of strokes of those tools, once one is used

export class Drafts {
  constructor(session) {
    this.session = session;
    this.stroke = null;
    this.ended = null; // the stroke before, while its tiles lie in the kernels' memory
    this.waiting = []; // samples that came while others were drawn
    this.lifting = []; // who waits until the stroke is over
    this.previewed = null;
    this.restTimer = 0;
    this.tried = null; // what an adjustment or a filter would look like
    this.shifted = null;
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

  // --- a value that is still being chosen ---------------------------------------------------------------------

  preview(layerId, values) {
    const layer = find(this.session.document.layers, layerId);
    if (this.previewed?.id !== layerId) {
      this.endPreview();
      this.previewed = { id: layerId, values: Object.fromEntries(Object.keys(values).map((name) => [name, layer[name]])) };
    }
    Object.assign(layer, values);
    this.session.redraw(this.session.history.state);
  }

  /** What would be, on what is visible. */
  async try(layer, values) {
    const { session } = this;
    const { previewOf } = await import('./previewing.js');
    const kind = Object.keys(values)[0];
    if (kind !== 'adjust') await loadFor([{ kind, body: {} }], session.kernels);
    if (this.stroke) return;
    if (this.tried?.id !== layer || this.tried.kind !== kind || this.tried.head !== session.history.head) {
      this.endPreview();
      this.tried = Object.assign(previewOf(session, layer), { kind });
    }
    this.tried.take(values);
    this.show();
    clearTimeout(this.restTimer);
    if (this.tried.moving) this.restTimer = setTimeout(() => this.rest(), REST);
  }

  /** Shows the filter that is tried as it will be, once no more values come. */
  rest() {
    if (!this.tried?.moving) return;
    this.tried.rest();
    this.show();
  }

  /** What the screen draws: the document as it was opened, as it would be, or as it is. */
  show() {
    const { screen, shown } = this.session;
    screen.shown = this.before ?? this.tried ?? shown;
    screen.forgetAll();
    this.session.frame();
  }

  /** A layer, or what is selected of it, that is being moved, shown where it is now. */
  shift({ layer: id, dx, dy, selected, copy }) {
    const { document } = this.session;
    if (this.shifted?.id !== id) {
      this.endPreview();
      const layer = find(document.layers, id);
      if (layer.locked) return;
      this.shifted = { id, ...document.snapshot() };
    }
    const before = document.snapshot().layers;
    if (selected) {
      const { id: _id, ...first } = this.shifted;
      document.restore(first);
      document.apply({ kind: 'move', body: { layer: id, dx, dy, copy } });
      this.session.redraw({ layers: before });
      this.session.reports.outline();
      return;
    }
    for (const layer of walk([find(document.layers, id)])) {
      const first = find(this.shifted.layers, layer.id);
      layer.pixels = shifted(first.pixels, dx, dy);
      if (first.mask) layer.mask = shifted(first.mask, dx, dy);
    }
    this.session.redraw({ layers: before });
  }

  /** An operation on a layer that is still being chosen, done to the document as it was (after `from`). What it needs is loaded. */
  draft({ operation, from }) {
    const { document } = this.session;
    const id = `${operation.kind} ${operation.body.layer}`;
    if (this.shifted?.id !== id) {
      this.endPreview();
      this.shifted = { id, ...document.snapshot() };
    }
    const before = document.snapshot();
    const { id: _id, ...first } = this.shifted;
    document.restore(this.session.history.states.get(from) ?? first);
    try {
      document.apply(operation);
    } catch (error) {
      if (!(error instanceof Impossible)) throw error; // it is refused with a sentence when it is to be done
    }
    this.session.redraw(before);
    if (before.selection !== document.selection) this.session.reports.outline();
  }

  endShift() {
    const moved = this.shifted;
    this.shifted = null;
    if (!moved) return;
    const { document } = this.session;
    const { layers, selection } = document;
    Object.assign(document, { layers: moved.layers, selection: moved.selection });
    this.session.redraw({ layers });
    if (selection !== moved.selection) this.session.reports.outline();
  }

  endPreview() {
    this.endShift();
    if (this.tried) {
      this.tried = null;
      this.show();
    }
    const { previewed } = this;
    this.previewed = null;
    if (!previewed) return;
    const { document } = this.session;
    const { layers } = document.snapshot();
    Object.assign(find(document.layers, previewed.id), previewed.values);
    this.session.redraw({ layers });
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
