// A filter that is tried and not applied, kept as a draft of this browser (kept.js), and tried again when the document is opened.
import { Kept, forget, left } from '../kept.js';
import { toast } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';

const KIND = 'filter';

export class Keeping {
  constructor(app) {
    this.app = app;
    this.kept = null;
    this.count = 0;
  }

  /** Keeps a filter, { layer, values }. */
  hold(filter, more = {}) {
    const { width, height, history: { head } } = this.app.state;
    this.count += 1;
    this.kept ??= new Kept(KIND);
    this.kept.put({ ...filter, width, height, head, ...more });
  }

  /** It is given up, or in the document: then the draft goes once the document is on the disk, unless the next filter is kept in it by then. */
  async drop(applied) {
    const count = (this.count += 1);
    if (applied) await this.app.link.ask('kept');
    if (count !== this.count) return;
    this.kept?.drop();
    this.kept = null;
  }

  /** Takes up what was tried when the page was left: begin(filter). */
  async restore(begin) {
    const found = await left(KIND);
    if (!found) return;
    const { state } = this.app;
    const { head, items } = state.history;
    const done = found.applying && head !== found.head && items.find(({ id }) => id === head)?.kind === KIND;
    const fits = placeOf(state.layers, found.layer) && state.width === found.width && state.height === found.height;
    if (done || !fits) forget(KIND);
    if (done) return; // it was being applied, and is
    if (fits) begin(found);
    toast(word(fits ? 'hand.restored' : 'hand.lost', { tool: word(`filter.${found.values.kind}`) }), fits ? 'info' : 'warning');
  }
}
