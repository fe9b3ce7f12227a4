// Generative tools, as far as the page needs them before one is used; all else of them is in generate/ and loaded then.
import { say } from './say.js';
import { word } from './words.js';

const PREFIX = 'generate.';
export const GENERATIVE = ['fill', 'replace', 'erase', 'extend', 'upscale', 'remove_background', 'layers', 'variations', 'instruct', 'reference'].map((name) => PREFIX + name);

/** A tool whose gestures are done by what is loaded when it is chosen; until then those that need a selection make one. */
export function generative(name) {
  let hand = null; // what does the gesture that has begun
  const handOf = (app) => app.generating.ready?.frame ?? (/fill|replace|erase/.test(name) ? app.tools.get('lasso') : null);
  const pass = (method) => (app, ...rest) => (hand ?? handOf(app))?.[method]?.(app, ...rest);
  return {
    name, generates: name.slice(PREFIX.length), move: pass('move'), up: pass('up'), drop: pass('drop'), hover: pass('hover'), finish: pass('finish'),
    down(app, ...rest) {
      hand = handOf(app);
      hand?.down(app, ...rest);
    },
  };
}

export class Generating {
  constructor(app, { account, document: name, token, quote, generate, orders, jobs, create, pricing, export: exporting }) {
    this.app = app;
    this.site = { account, document: name, token, addresses: { generate, quote, orders, jobs, create, pricing, export: exporting } };
    this.ready = null; // Generation, once it is loaded
    this.loading = null;
    if (typeof BroadcastChannel === 'undefined') return;
    this.tabs = new BroadcastChannel(`image2-results ${account} ${name}`);
    this.tabs.onmessage = () => this.results();
  }

  /** Resolves to everything else of the generative tools; null where it can't be loaded. */
  async load() {
    this.loading ??= import('./generate/generation.js').then(({ Generation }) => {
      this.ready = new Generation(this.app, this.site, () => this.tabs?.postMessage(0));
      return this.ready;
    });
    try {
      return await this.loading;
    } catch (error) {
      this.loading = null;
      console.error(error);
      this.app.refuse("The server can't be reached. Try again when you're connected.");
      return null;
    }
  }

  /** Shows orders of earlier visits, where there are some. */
  async begin() {
    const { orders } = this.site.addresses;
    try {
      const response = orders && await fetch(orders, { credentials: 'same-origin' });
      if (response?.ok && (await response.json()).orders.length) await this.results();
    } catch {
      // Without a connection there is nothing to show yet.
    }
  }

  async results() {
    await (await this.load())?.orders.load();
  }

  async focus() {
    if (!(await this.load())?.strip.focus()) say(word('results.none'));
  }

  /** Fills the panel of settings for the tool in hand. */
  async show(place) {
    const { tool } = this.app;
    if (!this.ready) await this.load();
    if (this.app.tool === tool) this.ready?.show(place);
  }
}
