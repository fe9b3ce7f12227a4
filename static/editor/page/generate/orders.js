// What was ordered for this document, newest first: read from the server, followed while it is under way, and acted on.
import { watch } from '../../../js/elements/job-stream.js';
import { call } from '../files/calls.js';
import { say, toast } from '../say.js';
import { sentenceOf, word } from '../words.js';
import { used } from './using.js';

const LIVE = new Set(['preparing', 'queued', 'running']);
const SOON = 1000; // ms between questions while nothing else tells
const QUIET = 10_000; // and where the stream does
const TAKES_BACK = 15_000; // ms in which what was thrown away can be taken back

export const isLive = ({ state }) => LIVE.has(state);

export class Orders {
  constructor(generation) {
    this.generation = generation;
    this.site = generation.site;
    this.list = [];
    this.revisions = new Map(); // of jobs, so that what is late is known to be
    this.unwatch = null;
    this.failing = false;
    this.timer = 0;
    this.leaving = new Map(); // results that are being thrown away: { address, timer, back }
    addEventListener('pagehide', () => this.sendLeaving());
  }

  find(id) {
    return this.list.find((order) => order.id === id) ?? null;
  }

  async load() {
    try {
      const { orders } = await call(this.site.addresses.orders);
      this.list = orders.map((order) => this.staying(order));
      this.changed();
    } catch (error) {
      console.warn(error.message);
    }
  }

  /** Takes an order as the server says it is now. */
  take(now) {
    const order = this.staying(now);
    const before = this.find(order.id);
    const was = before && isLive(before);
    if (before) Object.assign(before, order);
    else this.list.unshift(order);
    if (was && !isLive(order)) this.ended(order);
    this.changed();
  }

  /** An order without the results that are being thrown away. */
  staying(order) {
    return { ...order, results: order.results.filter(({ reference }) => !this.leaving.has(reference)) };
  }

  changed() {
    this.follow();
    this.generation.strip.show();
    this.generation.look.refresh();
  }

  ended({ state, results, sentence }) {
    say(state === 'done' ? word(results.length === 1 ? 'results.readyOne' : 'results.ready', { count: results.length }) : sentence || word(`job.said_${state}`));
    if (state === 'failed') toast(sentence, 'warning');
  }

  // --- while something is under way -------------------------------------------------------------------------------

  follow() {
    const live = this.list.filter(isLive);
    clearTimeout(this.timer);
    if (live.length && !this.unwatch) {
      this.unwatch = watch(this.site.addresses.jobs, this.site.account, { heard: (event) => this.hear(event), failing: (is) => this.fails(is) });
    } else if (!live.length && this.unwatch) {
      this.unwatch();
      this.unwatch = null;
    }
    if (!live.length) return;
    const alone = this.failing || live.some(({ state }) => state === 'preparing');
    this.timer = setTimeout(() => this.askAgain(live), alone ? SOON : QUIET);
  }

  fails(is) {
    this.failing = is;
    this.follow();
  }

  async askAgain(live) {
    await Promise.all(live.map((order) => this.ask(order)));
    this.follow();
  }

  async ask(order) {
    try {
      this.take(await call(order.url));
    } catch {
      // Asked again, as long as it is under way.
    }
  }

  hear(event) {
    const order = this.list.find(({ job }) => job === event.id);
    // A job that isn't known yet may be that of an order that was being prepared.
    if (!order) for (const other of this.list) if (other.state === 'preparing') this.ask(other);
    if (!order || !isLive(order) || event.revision < (this.revisions.get(event.id) ?? -1)) return;
    this.revisions.set(event.id, event.revision);
    if (!LIVE.has(event.state)) {
      this.ask(order);
      return;
    }
    const { state, stage, step, of, picture, count, place, eta, previews } = event;
    if (state === 'running' && order.state !== state) say(word('job.said_running'));
    Object.assign(order, { state, stage, step, of, picture, count, place, eta, previews });
    this.changed();
  }

  // --- what a person does with them -------------------------------------------------------------------------------

  async send(address, json = {}) {
    return call(address, { token: this.site.token, json });
  }

  /** Does something; a refusal is said. Returns whether it was done. */
  async try(work) {
    try {
      await work();
      this.generation.changed();
      return true;
    } catch (error) {
      toast(sentenceOf(error.message), 'warning');
      return false;
    }
  }

  cancel(order) {
    return this.try(async () => this.take(await this.send(order.cancel)));
  }

  remove(order) {
    return this.try(async () => {
      await this.send(order.remove);
      this.forget(order.id);
    });
  }

  forget(id) {
    this.list = this.list.filter((order) => order.id !== id);
    if (this.generation.look.order === id) this.generation.look.hide();
    this.changed();
  }

  use(order, result) {
    return this.try(async () => {
      const operation = await this.generation.app.link.ask('sent');
      const answer = await this.send(result.use, { operation });
      await used(this.generation.app, answer);
      Object.assign(result, answer.result);
      this.changed();
    });
  }

  keep(order, result) {
    return this.try(async () => {
      Object.assign(result, (await this.send(result.keep)).result);
      say(word('results.keptSaid'));
      this.changed();
    });
  }

  /** Throws a result away: at once for the eye, for good when it can't be taken back any more. */
  throwAway(order, result) {
    const at = order.results.indexOf(result);
    order.results.splice(at, 1);
    const empty = !order.results.length;
    const index = this.list.indexOf(order);
    if (empty) this.list.splice(index, 1);
    const back = () => {
      order.results.splice(at, 0, result);
      if (empty) this.list.splice(index, 0, order);
    };
    const timer = setTimeout(() => this.sendLeaving(result.reference), TAKES_BACK);
    this.leaving.set(result.reference, { address: result.remove, timer, back });
    const action = { label: word('undo'), run: () => this.takeBack() };
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'info', message: word('results.thrown'), action } }));
    say(word('results.thrown'));
    this.changed();
  }

  /** Brings back what was thrown away and isn't deleted yet, the last one first. */
  takeBack() {
    for (const { timer, back } of [...this.leaving.values()].reverse()) {
      clearTimeout(timer);
      back();
    }
    this.leaving.clear();
    this.changed();
  }

  /** Sends what is to be deleted: all of it when the page is left, as far as the browser still sends something then. */
  sendLeaving(only = null) {
    for (const [reference, { address, timer }] of [...this.leaving]) {
      if (only && reference !== only) continue;
      clearTimeout(timer);
      this.leaving.delete(reference);
      const headers = { 'X-CSRFToken': this.site.token, 'Content-Type': 'application/json', Accept: 'application/json' };
      fetch(address, { method: 'POST', headers, body: '{}', keepalive: true, credentials: 'same-origin' }).then(() => this.generation.changed()).catch(() => {});
    }
  }
}
