// The strip of results under the picture: a card an order, with what it is doing, what failed, or its results to compare. Arrow keys
// go from one to the next, Space held shows the picture without it, Delete throws it away.
import { icon, make } from '../make.js';
import { say } from '../say.js';
import { word } from '../words.js';
import { cardOf, updateCard } from './card.js';
import { isLive } from './orders.js';

export class Strip {
  constructor(generation) {
    this.generation = generation;
    this.place = generation.app.parts.results;
    this.cards = new Map();
    this.count = make('span', { class: 'results-count' });
    this.acts = make('div', { class: 'results-acts', role: 'toolbar', 'aria-label': word('results.acts') });
    this.fold = make('button', { type: 'button', class: 'button button-quiet button-icon button-small', 'aria-expanded': 'true', title: word('results.fold'), 'aria-label': word('results.fold'), on: { click: () => this.folded(!this.isFolded) } }, [icon('chevron-down')]);
    this.list = make('ol', { class: 'results-list' });
    const head = make('div', { class: 'results-head' }, [make('h2', { class: 'panel-title', text: word('results') }), this.count, this.acts, this.fold]);
    this.place.replaceChildren(head, this.list);
    this.makeActs();
  }

  get orders() {
    return this.generation.orders;
  }

  get look() {
    return this.generation.look;
  }

  get isFolded() {
    return this.place.hasAttribute('data-folded');
  }

  folded(is) {
    this.place.toggleAttribute('data-folded', is);
    this.fold.setAttribute('aria-expanded', String(!is));
  }

  makeActs() {
    const act = (name, symbol, run, more = {}) => make('button', { type: 'button', class: `button button-small ${name === 'use' ? 'button-primary' : ''}`, data: { act: name }, on: { click: run }, ...more }, [icon(symbol, 'small'), make('span', { text: word(`results.${name}`) })]);
    const withChosen = (work) => () => this.look.result && work(this.look.found, this.look.result);
    const hold = act('compare', 'contrast', () => {}, { 'aria-pressed': 'false' });
    hold.addEventListener('pointerdown', () => this.look.hold(true));
    for (const type of ['pointerup', 'pointerleave', 'pointercancel', 'blur', 'keyup']) hold.addEventListener(type, () => this.look.hold(false));
    hold.addEventListener('keydown', (event) => [' ', 'Enter'].includes(event.key) && this.look.hold(true));
    this.buttons = {
      compare: hold,
      use: act('use', 'check', withChosen((order, result) => this.use(order, result))),
      keep: act('keep', 'star', withChosen((order, result) => this.orders.keep(order, result)), { title: word('results.keepHelp') }),
      reference: make('a', { class: 'button button-small', data: { act: 'reference' } }, [icon('image-up', 'small'), make('span', { text: word('results.reference') })]),
      throw: act('throw', 'trash-2', withChosen((order, result) => this.throwAway(order, result))),
    };
    this.acts.replaceChildren(...Object.values(this.buttons));
  }

  /** Brings the cards to what the orders are now; a card that stays keeps its place and its focus. */
  show() {
    const { list } = this.orders;
    this.place.hidden = !list.length;
    const known = new Set(list.map(({ id }) => id));
    for (const [id, card] of this.cards) {
      if (known.has(id)) continue;
      card.remove();
      this.cards.delete(id);
    }
    list.forEach((order, i) => {
      if (!this.cards.has(order.id)) this.cards.set(order.id, cardOf(order));
      const card = this.cards.get(order.id);
      updateCard(this.generation, card, order);
      if (this.list.children[i] !== card) this.list.insertBefore(card, this.list.children[i] ?? null);
    });
    this.follow();
  }

  /** Marks what is looked at, and what can be done with it. */
  follow() {
    const { found, result, index, held } = this.look;
    for (const [id, card] of this.cards) {
      for (const thumb of card.querySelectorAll('[data-result]')) {
        const is = id === found?.id && Number(thumb.dataset.result) === index;
        thumb.setAttribute('aria-pressed', String(is));
      }
      card.toggleAttribute('data-chosen', id === found?.id);
    }
    const live = this.orders.list.filter(isLive).length;
    this.count.textContent = result ? word('results.of', { number: index + 1, count: found.results.length }) : live ? word('results.live', { count: live }) : '';
    this.acts.hidden = !result;
    if (!result) return;
    const { buttons } = this;
    buttons.compare.setAttribute('aria-pressed', String(held));
    buttons.compare.hidden = !this.look.shown;
    buttons.use.querySelector('span').textContent = word({ document: 'results.openNew', layers: 'results.useAll' }[found.gives] ?? 'results.use');
    buttons.keep.disabled = result.kept;
    buttons.keep.querySelector('span').textContent = word(result.kept ? 'results.kept' : 'results.keep');
    buttons.reference.href = `${this.generation.site.addresses.create}?reference=${encodeURIComponent(result.reference)}`;
  }

  choose(order, index, { focus = false } = {}) {
    this.look.choose(order.id, index);
    const thumb = this.cards.get(order.id)?.querySelector(`[data-result="${index}"]`);
    thumb?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (focus) thumb?.focus();
    say(word('results.looking', { number: index + 1, count: order.results.length, words: order.words || word(`tool.generate.${order.tool}`) }));
  }

  /** Puts the focus into the strip; returns whether there is one. */
  focus() {
    if (this.place.hidden) return false;
    this.folded(false);
    const first = this.list.querySelector('[aria-pressed=true]') ?? this.list.querySelector('button, a');
    if (first?.dataset.result) first.click();
    first?.focus();
    return true;
  }

  use(order, result) {
    this.buttons.use.setAttribute('aria-busy', 'true');
    return this.orders.use(order, result).then(() => {
      this.buttons.use.removeAttribute('aria-busy');
      if (!this.look.result) this.generation.app.parts.stage.focus(); // the buttons are gone with what was looked at
    });
  }

  throwAway(order, result) {
    const { index } = this.look;
    const focused = this.place.contains(document.activeElement);
    this.orders.throwAway(order, result);
    const next = order.results[Math.min(index, order.results.length - 1)];
    if (next) this.choose(order, order.results.indexOf(next), { focus: focused });
    else {
      this.look.hide();
      if (focused && !this.focus()) this.generation.app.parts.stage.focus();
    }
  }

  // --- keys -----------------------------------------------------------------------------------------------------

  /** Takes a key that was pressed in the strip; returns whether it was for it. */
  key(event) {
    const { target } = event;
    if (!this.place.contains(target) || event.ctrlKey || event.metaKey || event.altKey) return false;
    const onThumb = target.dataset.result !== undefined;
    if ([' ', '\\'].includes(event.key) && onThumb) {
      this.look.hold(true);
      target.addEventListener('keyup', () => this.look.hold(false), { once: true });
      target.addEventListener('blur', () => this.look.hold(false), { once: true });
      return true;
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && onThumb) return this.step(step);
    if (['Delete', 'Backspace'].includes(event.key) && this.look.result) {
      this.throwAway(this.look.found, this.look.result);
      return true;
    }
    return false;
  }

  /** The next or the one before of all results. */
  step(by) {
    const all = this.orders.list.flatMap((order) => order.results.map((_, index) => [order, index]));
    const at = all.findIndex(([order, index]) => order.id === this.look.order && index === this.look.index);
    const next = all[at + by];
    if (next) this.choose(...next, { focus: true });
    return true;
  }
}
