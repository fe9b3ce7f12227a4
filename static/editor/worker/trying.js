// A value that is still being chosen, a layer that is being moved, an operation that is still being made: shown, and no operation yet. Loaded with
// the first of them.
import { Impossible, find, walk } from './layers.js';
import { shifted } from './planes.js';

const REST = 150; // ms after the last value of a filter

/** What the drafts of a session try. */
export const tryingOf = (drafts) => (drafts.trying ??= new Trying(drafts));

class Trying {
  constructor(drafts) {
    this.drafts = drafts;
    this.session = drafts.session;
    this.previewed = null;
    this.restTimer = 0;
    this.tried = null; // what an adjustment or a filter would look like
    this.shifted = null;
  }

  preview(layerId, values) {
    const layer = find(this.session.document.layers, layerId);
    if (this.previewed?.id !== layerId) {
      this.end();
      this.previewed = { id: layerId, values: Object.fromEntries(Object.keys(values).map((name) => [name, layer[name]])) };
    }
    Object.assign(layer, values);
    this.session.redraw(this.session.history.state);
  }

  /** What would be, on what is visible. What it needs is loaded. */
  async try(layer, values) {
    const { session } = this;
    const { previewOf } = await import('./previewing.js');
    const kind = Object.keys(values)[0];
    if (this.drafts.stroke) return;
    if (this.tried?.id !== layer || this.tried.kind !== kind || this.tried.head !== session.history.head) {
      this.end();
      this.tried = Object.assign(previewOf(session, layer), { kind });
    }
    this.tried.take(values);
    this.drafts.show();
    clearTimeout(this.restTimer);
    if (this.tried.moving) this.restTimer = setTimeout(() => this.rest(), REST);
  }

  /** Shows the filter that is tried as it will be, once no more values come. */
  rest() {
    if (!this.tried?.moving) return;
    this.tried.rest();
    this.drafts.show();
  }

  /** A layer, or what is selected of it, that is being moved, shown where it is now. */
  shift({ layer: id, dx, dy, selected, copy }) {
    const { document } = this.session;
    if (this.shifted?.id !== id) {
      this.end();
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
      this.end();
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

  /** Takes all of that from the screen: the document is as it is. */
  end() {
    this.endShift();
    if (this.tried) {
      this.tried = null;
      this.drafts.show();
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
