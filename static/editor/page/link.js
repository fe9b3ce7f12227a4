// The page's end of the worker: messages go out, answers come back to who asked, everything else is an event.

export class Link extends EventTarget {
  constructor(url) {
    super();
    this.worker = new Worker(url, { type: 'module' });
    this.asked = new Map();
    this.count = 0;
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = () => this.dispatchEvent(new CustomEvent('failed', { detail: { sentence: '' } }));
  }

  take(data) {
    if (!data.answer) {
      this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
      return;
    }
    const { resolve, reject } = this.asked.get(data.answer);
    this.asked.delete(data.answer);
    if (data.error === undefined) resolve(data.value);
    else reject(new Error(data.error));
  }

  tell(type, values = {}, transfer = []) {
    this.worker.postMessage({ type, ...values }, transfer);
  }

  ask(type, values = {}) {
    this.count += 1;
    return new Promise((resolve, reject) => {
      this.asked.set(this.count, { resolve, reject });
      this.worker.postMessage({ type, ...values, ask: this.count });
    });
  }

  on(type, listener) {
    this.addEventListener(type, ({ detail }) => listener(detail));
  }
}
