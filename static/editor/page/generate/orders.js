// What was ordered for this document, newest first: read from the server, followed while it is under way, and acted on.
import { watch } from '../../../js/elements/job-stream.js';
import { call } from '../files/calls.js';
import { say, toast } from '../say.js';
import { sentenceOf, word } from '../words.js';
import { used } from './using.js';

const LIVE = new Set(['preparing', 'queued', 'running']);
const SOON = 1000; // ms between questions while nothing else tells
const QUIET = 10_000; // and where the stream does

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
    this.leaving = new Map(); // results that were thrown away and may be taken back: { sent, address, back }, by reference
  }

  find(id) {
    return this.list.find((order) => order.id === id) ?? null;
  }

  async load() {
    try {
      const { orders } = await call(this.site.addresses.orders);
      const live = new Map(this.list.filter(isLive).map((order) => [order.id, order]));
      this.list = orders.map((order) => this.staying(order));
      for (const order of this.list) if (live.delete(order.id) && !isLive(order)) this.ended(order);
      this.list.unshift(...live.values()); // ordered while the answer was on its way
      this.changed();
    } catch (error) {
      console.warn(error.message);
    }
  }

  /** Takes an order as the server says it is now. */
  take(now) {
    const order = this.staying(now);
    const before = this.find(order.id);
    const was = !before || isLive(before); // one that was ordered just now may have ended already
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

  async send(address, json = {}, more = {}) {
    return call(address, { token: this.site.token, json, ...more });
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

  /** Throws a result away: the server hears of it at once, and gives it back for an hour. */
  throwAway(order, result) {
    const at = order.results.indexOf(result);
    order.results.splice(at, 1);
    const empty = !order.results.length;
    const index = this.list.indexOf(order);
    if (empty) this.list.splice(index, 1);
    const back = () => {
      this.leaving.delete(result.reference);
      const now = this.find(order.id) ?? order;
      if (!now.results.some(({ reference }) => reference === result.reference)) now.results.splice(at, 0, result);
      if (now === order && !this.list.includes(order)) this.list.splice(index, 0, order);
      this.changed();
    };
    // `keepalive` sends it also when the page is closed at this moment.
    const sent = this.try(() => this.send(result.remove, {}, { keepalive: true }));
    this.leaving.set(result.reference, { sent, address: result.restore, back });
    sent.then((done) => done || back());
    const action = { label: word('undo'), each: true, run: () => this.takeBack(result.reference) };
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'info', message: word('results.thrown'), action } }));
    say(word('results.thrown'));
    this.changed();
  }

  async takeBack(reference) {
    const { sent, address, back } = this.leaving.get(reference) ?? {};
    if (await sent) await this.try(() => this.send(address).then(back));
  }
}
