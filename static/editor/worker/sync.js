// Sends what was done to the server and takes in what others did: one call at a time, sent again until it is answered.
import { received } from './fetching.js';
import { PATIENCE } from './tabs.js';

const MOST = 200;
const BYTES = 1_500_000; // of operations in one call, well below the server's 2 MB
const PAUSES = [1, 2, 5, 10, 30]; // seconds

export const toBase64 = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

export class Sync {
  /** host: { history, addresses, token, sent(operations, answer), moved(answer), refused(answer), tell(state) } */
  constructor(host) {
    this.host = host;
    this.serverHead = null;
    this.running = false;
    this.again = false;
    this.failures = 0;
    this.timer = 0;
    this.state = '';
    this.asking = []; // who waits until the server has everything: { resolve, reject }
  }

  get pending() {
    return [...this.host.history.operations.values()].filter((operation) => operation.seq === undefined && !operation.replaced);
  }

  get behind() {
    return this.serverHead !== this.host.history.head || this.pending.length > 0;
  }

  /** Resolves once the server has everything; rejects when it can't be reached. */
  settled() {
    const done = new Promise((resolve, reject) => this.asking.push({ resolve, reject }));
    this.kick();
    return done;
  }

  tell(state, detail) {
    this.state = state;
    if (state !== 'saving') for (const asked of this.asking.splice(0)) asked[state === 'saved' ? 'resolve' : 'reject']();
    this.host.tell({ state, waiting: this.pending.length, ...detail });
  }

  /** Sends what there is. Calls while one is under way are answered by another round after it. */
  async kick(mine = this.host.leads !== false) {
    clearTimeout(this.timer);
    if (!mine && this.behind) {
      // Another tab sends; should it sleep, this one does.
      if (this.state !== 'saving') this.tell('saving');
      this.timer = setTimeout(() => this.kick(true), PATIENCE);
      return;
    }
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    try {
      do {
        this.again = false;
        while (this.behind && (await this.round())) this.failures = 0;
      } while (this.again);
      if (!this.behind) this.tell('saved');
    } finally {
      this.running = false;
    }
  }

  /** One call. Returns whether the next one may follow at once. */
  async round() {
    const { history, addresses, token } = this.host;
    this.tell('saving');
    const operations = this.batch();
    const known = new Set(operations.map((operation) => operation.id));
    const { clock } = this.host;
    const head = known.has(history.head) || history.operations.get(history.head).seq !== undefined ? history.head : this.serverHead;
    const body = JSON.stringify({
      head,
      expected: this.serverHead,
      operations: operations.map(({ id, parent, kind, engine, body, blob }) => ({ id, parent, kind, engine, body, blob: toBase64(blob) })),
    });
    let answer;
    try {
      const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
      const response = await fetch(addresses.operations, { method: 'POST', headers, body, credentials: 'same-origin' });
      answer = { status: response.status, ...(response.headers.get('Content-Type')?.includes('json') ? await response.json() : {}) };
    } catch {
      return this.later('offline');
    }
    if (answer.status === 200) {
      this.serverHead = answer.head;
      await this.host.sent(operations, { ...answer, clock });
      return true;
    }
    if (answer.status === 409) {
      this.serverHead = answer.head;
      await this.host.moved({ head: answer.head, operations: (answer.operations ?? []).map(received), more: answer.more });
      return true;
    }
    if (answer.status === 422 && answer.id) {
      await this.host.refused(answer);
      return true;
    }
    return this.later(answer.status >= 500 || answer.status === 429 ? 'offline' : 'shut');
  }

  /** What was not sent yet, parents first, as much as one call may hold. */
  batch() {
    const out = [];
    let size = 0;
    for (const operation of this.pending) {
      size += 400 + operation.blob.length * 1.4 + JSON.stringify(operation.body).length;
      if (out.length === MOST || (out.length && size > BYTES)) break;
      out.push(operation);
    }
    return out;
  }

  later(why) {
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    this.tell('local', { why });
    this.timer = setTimeout(() => this.kick(true), pause * 1000);
    return false;
  }
}
