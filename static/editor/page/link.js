// The page's end of the worker: messages go out, answers come back to who asked, everything else is an event.

const CHANGES = new Set(['do', 'undo', 'redo', 'goto', 'branch', 'paste']);

export class Link extends EventTarget {
  /** early: the worker, and what it has said so far; see early.js. */
  constructor(early) {
    super();
    this.early = early;
    this.worker = early.worker;
    this.asked = new Map();
    this.count = 0;
    this.changing = 0; // how many changes of the document aren't answered yet
    this.still = null; // is called when there are none any more
    this.failed = false; // whether the worker has ended
  }

  /** Begins to hear the worker, once everybody listens. */
  hear() {
    const { held, broken } = this.early;
    const fail = () => this.dispatchEvent(new CustomEvent('failed', { detail: { sentence: '' } }));
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = fail;
    for (const data of held.splice(0)) this.take(data);
    if (broken) fail();
  }

  take(data) {
    if (!data.answer) {
      this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
      return;
    }
    const { resolve, reject, changes } = this.asked.get(data.answer);
    this.asked.delete(data.answer);
    if (changes) this.changing = Math.max(0, this.changing - 1); // late, once it failed
    if (changes && !this.changing) this.still?.();
    if (data.error === undefined) resolve(data.value);
    else reject(new Error(data.error));
  }

  /** Nothing that was asked for, or is yet, is waited for any more. */
  fail() {
    Object.assign(this, { failed: true, changing: 0 });
    this.still?.();
  }

  tell(type, values = {}, transfer = []) {
    this.worker.postMessage({ type, ...values }, transfer);
  }

  ask(type, values = {}) {
    this.count += 1;
    const changes = !this.failed && CHANGES.has(type);
    if (changes) this.changing += 1;
    return new Promise((resolve, reject) => {
      this.asked.set(this.count, { resolve, reject, changes });
      this.worker.postMessage({ type, ...values, ask: this.count });
    });
  }

  on(type, listener) {
    this.addEventListener(type, ({ detail }) => listener(detail));
  }
}
