// Compares what this browser shows with what the server makes of the same operations, while nobody draws: the hash of each
// tile, a few milliseconds at a time. The server tells its operator of a difference; the person has nothing to do.
import { hex } from './digest.js';
import { places } from './planes.js';

const SLICE = 5; // ms of work at once
const PAUSE = 25; // ms between, in which a pen goes first

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

export class Checking {
  constructor(session) {
    this.session = session;
    this.checked = null; // the operation that was compared last
  }

  /** Whether the server has everything and nothing is in hand. */
  get idle() {
    const { drafts, merging } = this.session;
    return !drafts.stroke && !drafts.trying?.previewed && !drafts.trying?.shifted && !merging.sync.behind;
  }

  /** Compares where the document stands; false where it has to be tried again later. */
  async check() {
    const { history, merging, addresses, token } = this.session;
    const { head } = history;
    if (!merging.leads || head === this.checked) return true; // of several tabs one does it
    const digest = this.idle ? await this.digest(head) : null;
    if (digest === null) return false;
    this.checked = head;
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    const body = JSON.stringify({ operation: head, digest });
    // What does not get there is compared after the next change.
    await fetch(addresses.check, { method: 'POST', headers, body, credentials: 'same-origin' }).catch(() => {});
    return true;
  }

  /** The hash of level 0 as it is shown; null when something was done meanwhile. */
  async digest(head) {
    const { history, document, shown } = this.session;
    const digests = [];
    let begun = performance.now();
    for (const [x, y] of places([0, 0, ...document.size])) {
      if (performance.now() - begun > SLICE) {
        await pause(PAUSE);
        begun = performance.now();
      }
      if (history.head !== head || !this.idle) return null;
      digests.push(await shown.peek(x, y, sha256));
    }
    return hex(await sha256(await new Blob(digests).arrayBuffer()));
  }
}
