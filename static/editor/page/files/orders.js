// Work that a worker does for this page: ordered in a dialog that says how far it is, and asked about until it has ended.
import { word } from '../words.js';
import { Refused, call } from './calls.js';

const PAUSES = [300, 500, 1000]; // ms between questions
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves to the state of an order that is done; `seen` is called with each state on the way. Refused when it failed. */
export async function ended(order, seen) {
  for (let turn = 0, state = order; ; turn++) {
    if (state.state === 'done') return state;
    if (state.state === 'failed') throw new Refused(state.sentence);
    seen(state);
    await pause(PAUSES[Math.min(turn, PAUSES.length - 1)]);
    state = await call(state.run);
  }
}

/** A dialog with an order: its parts are called `name`Form, Go, State, Word, Progress; its words `name`.done and the like. */
export class OrderDialog {
  constructor(app, dialog, name, { token, addresses }) {
    Object.assign(this, { app, dialog, name, token, addresses });
    this.busy = false;
  }

  part(name) {
    return this.dialog.querySelector(`[data-part=${this.name}${name}]`);
  }

  /** value: how far, undefined while nobody knows, null where there is nothing to wait for. */
  say(text, value) {
    this.part('State').hidden = false;
    this.part('Word').textContent = text;
    const progress = this.part('Progress');
    progress.hidden = value === null;
    if (value === undefined) progress.removeAttribute('value');
    else if (value !== null) progress.value = value;
  }

  /** Sends what is drawn, orders from `address`, and resolves to {state, settled}; null where the dialog says why not.
   * words: whose words say how far it is. */
  async order(address, more = {}, words = this.name) {
    if (this.busy) return null;
    this.busy = true;
    const go = this.part('Go');
    go.setAttribute('aria-busy', 'true');
    try {
      this.say(word('export.sending'));
      const settled = await this.app.link.ask('settled');
      const ordered = await call(address, { token: this.token, json: { operation: settled.head, ...more } });
      const state = await ended(ordered, ({ state, done, of }) => this.say(word(`${words}.${state}`), of ? done / of : undefined));
      this.say(word(`${words}.done`), null);
      return { state, settled };
    } catch (error) {
      if (!(error instanceof Refused) && error.message === '') console.error(error);
      this.say(this.app.sentenceOf(error.message), null);
      return null;
    } finally {
      this.busy = false;
      go.removeAttribute('aria-busy');
    }
  }
}
