// What is in hand and in no operation yet (words that are written, a frame that isn't applied), kept in this browser as a draft under the
// account's key until it is in the document, so that neither a reload nor a closed tab nor a crash loses it; see static/js/drafts.js,
// which also removes what is old. In localStorage and not in the worker's database: what is written there is there at once.

const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const keyOf = (kind) => `draft:${document.body.dataset.account ?? 'nobody'}:${kind}:${location.pathname}`;

/** The draft of one tab, of the kind 'text' or 'hand': another tab that has one of the same document in hand meanwhile keeps none. */
export class Kept {
  constructor(kind) {
    this.key = keyOf(kind);
    this.values = null;
    this.free = null; // gives the draft up
    this.ended = false;
    const hold = (lock) => lock && !this.ended && new Promise((end) => {
      this.free = end;
      if (this.values) this.put(this.values); // nothing is changed yet: what another tab left stays
    });
    if (navigator.locks) navigator.locks.request(this.key, { ifAvailable: true }, hold);
    else this.free = () => {}; // then nothing is known of other tabs
  }

  /** Keeps values; nothing where they are empty. */
  put(values) {
    this.values = values;
    if (!this.free) return;
    try {
      localStorage.removeItem(this.key); // where there is no room for these, older ones aren't taken for them
      if (values) localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), values }));
    } catch {
      // No room, or not allowed: they hold until the page is left.
    }
  }

  /** They are in the document, or given up. */
  drop() {
    this.put(null);
    this.ended = true;
    this.free?.();
  }
}

/** Gives up what nobody can take up any more. */
export const forget = (kind) => localStorage.removeItem(keyOf(kind));

/** What was in hand when the page was left, unless another tab has it in hand now. */
export async function left(kind) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  if (held.some(({ name }) => name === keyOf(kind))) return null;
  try {
    const { at, values } = JSON.parse(localStorage.getItem(keyOf(kind)));
    return Date.now() - at < KEPT_MS ? values : null;
  } catch {
    return null; // something else wrote there
  }
}
