// What a control is called and its keys, beside it: while it is pointed at or has the focus of the keyboard. As WCAG 1.4.13 asks, a
// tooltip can be pointed at itself, stays until pointer and focus have gone, and goes with Escape. It takes the place of the
// browser's own, which the keyboard never shows: while it is there, the control's title is laid aside.
import { make } from '../make.js';

const LATE = 500; // ms that a pointer rests before the first one
const SOON = 80; // from one to the next
const GRACE = 250; // for the way from a control to its tooltip
const GAP = 6;

export class Tooltips {
  constructor(root) {
    this.root = root;
    this.owner = null;
    this.title = '';
    this.timer = 0;
    this.words = make('span');
    this.keys = make('kbd');
    this.box = make('div', { class: 'editor-tooltip', id: 'editor-tooltip', role: 'tooltip', popover: 'manual' }, [this.words, this.keys]);
    this.root.append(this.box);
    const listen = (type, act, to = document) => to.addEventListener(type, act, { capture: true, passive: type !== 'keydown' });
    listen('pointerover', (event) => event.pointerType !== 'touch' && this.reached(event.target));
    listen('focusin', ({ target }) => this.focused(target));
    listen('focusout', ({ target }) => target === this.owner && this.hide());
    listen('pointerdown', () => this.hide());
    listen('scroll', () => this.hide());
    listen('resize', () => this.hide(), window);
    // Before the page's own keys: Escape puts away what lies on top and nothing else.
    listen('keydown', (event) => event.key === 'Escape' && this.hide() && (event.preventDefault(), event.stopPropagation()), window);
  }

  /** The pointer is over an element, or the focus on it. */
  reached(target) {
    if (this.box.contains(target) || (this.owner && target.closest('[data-told]') === this.owner)) {
      clearTimeout(this.timer);
      return;
    }
    const owner = target.closest('[title]');
    if (owner?.matches(':hover')) this.later(owner);
    else if (owner) this.focused(owner);
    else if (!this.owner?.matches(':focus-visible')) this.wait(() => this.hide(), GRACE);
  }

  focused(target) {
    if (target.title && target.matches(':focus-visible')) this.show(target);
  }

  later(owner) {
    this.wait(() => owner.isConnected && owner.matches(':hover') && this.show(owner), this.owner ? SOON : LATE);
  }

  wait(act, ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, ms);
  }

  show(owner) {
    this.hide();
    if (!owner.title) return;
    const { title, box } = Object.assign(this, { owner, title: owner.title });
    const [, words, keys] = (owner.hasAttribute('aria-keyshortcuts') && title.match(/^(.*) \((\S+)\)$/s)) || [null, title, ''];
    this.words.textContent = words;
    this.keys.textContent = keys;
    this.keys.hidden = !keys;
    owner.dataset.told = '';
    owner.removeAttribute('title');
    // The name and the keys are read with the control; what says more is read after them.
    this.describes = words !== (owner.getAttribute('aria-label') ?? owner.textContent.trim()) && !owner.hasAttribute('aria-describedby');
    if (this.describes) owner.setAttribute('aria-describedby', box.id);
    (owner.closest('dialog') ?? this.root).append(box);
    box.showPopover();
    this.place(owner.getBoundingClientRect());
  }

  /** Beside a tool, below anything else; where there is no room, on the other side. */
  place(at) {
    const { box } = this;
    const [wide, high] = [box.offsetWidth, box.offsetHeight];
    const beside = this.owner.closest('[aria-orientation=vertical]');
    const inside = (value, size, most) => Math.max(GAP, Math.min(most - size - GAP, value));
    const [x, y] = beside ? [at.right + GAP, at.top + (at.height - high) / 2] : [at.left + (at.width - wide) / 2, at.bottom + GAP + high < innerHeight ? at.bottom + GAP : at.top - GAP - high];
    box.style.left = `${inside(x, wide, innerWidth)}px`;
    box.style.top = `${inside(y, high, innerHeight)}px`;
  }

  /** Returns whether there was one. */
  hide() {
    clearTimeout(this.timer);
    const { owner, box } = this;
    if (!owner) return false;
    this.owner = null;
    delete owner.dataset.told;
    if (!owner.title) owner.title = this.title;
    if (this.describes) owner.removeAttribute('aria-describedby');
    box.hidePopover();
    return true;
  }
}
