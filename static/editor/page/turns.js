// What a person starts is done in its order: a key, a press or a gesture waits until what was started before it is in the document,
// since the layer, the selection and the tool follow from that. Where nothing is under way nothing waits.

const PATIENCE = 15_000; // ms for a script or a clipboard, which may never come

export class Turns {
  constructor(link) {
    this.link = link;
    this.waiting = [];
    this.holding = 0;
    this.inside = false; // what a turn starts belongs to it
    link.still = () => this.later();
  }

  get busy() {
    return this.waiting.length > 0 || this.holding > 0 || this.link.changing > 0;
  }

  /** Does work at once where nothing is under way, else in its turn. */
  take(work) {
    if (this.busy && !this.inside) this.waiting.push(work);
    else this.begin(work);
  }

  begin(work) {
    const outer = this.inside;
    this.inside = true;
    try {
      this.hold(work());
    } finally {
      this.inside = outer;
    }
  }

  /** What is started later waits for this too, if it is a promise. */
  hold(promise) {
    if (typeof promise?.then !== 'function') return;
    let held = true;
    this.holding += 1;
    const free = () => {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      this.holding -= 1;
      this.later();
    };
    const timer = setTimeout(free, PATIENCE);
    promise.then(free, free);
  }

  /** Not at once: who awaited the same goes on first, and may start more. */
  later() {
    setTimeout(() => this.next());
  }

  next() {
    try {
      while (this.waiting.length && !this.holding && !this.link.changing) this.begin(this.waiting.shift());
    } finally {
      if (this.waiting.length && !this.holding && !this.link.changing) this.later(); // one of them failed
    }
  }
}
