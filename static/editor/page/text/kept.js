// The words that are being written, kept in this browser as a draft under the account's key until they are in the document, so that
// neither a reload nor a closed tab loses them; see static/js/drafts.js, which also removes what is old.

const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const keyOf = () => `draft:${document.body.dataset.account ?? 'nobody'}:text:${location.pathname}`;

/** The draft of one tab: another one that writes in the same document meanwhile keeps none. */
export class Kept {
  constructor() {
    this.key = keyOf();
    this.values = null;
    this.free = null; // gives the draft up
    this.ended = false;
    const hold = (lock) => lock && !this.ended && new Promise((end) => {
      this.free = end;
      if (this.values) this.put(this.values); // nothing is typed yet: what another tab left stays
    });
    if (navigator.locks) navigator.locks.request(this.key, { ifAvailable: true }, hold);
    else this.free = () => {}; // then nothing is known of other tabs
  }

  /** Keeps what is written; nothing where it is empty. */
  put(values) {
    this.values = values;
    if (!this.free) return;
    try {
      if (values) localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), values }));
      else localStorage.removeItem(this.key);
    } catch {
      // No room, or not allowed: the words hold until the page is left.
    }
  }

  /** The words are in the document. */
  drop() {
    this.put(null);
    this.ended = true;
    this.free?.();
  }
}

/** What was being written when the page was left, unless another tab writes it now. */
export async function left() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  if (held.some(({ name }) => name === keyOf())) return null;
  try {
    const { at, values } = JSON.parse(localStorage.getItem(keyOf()));
    return Date.now() - at < KEPT_MS ? values : null;
  } catch {
    return null; // something else wrote there
  }
}
