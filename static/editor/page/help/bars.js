// Bars of buttons are one stop of the Tab key each; arrows, Home and End move along them (the toolbar pattern of the ARIA practices).

const BAR = '[role=toolbar]';
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

const itemsOf = (bar) => [...bar.querySelectorAll('button:not(:disabled), input:not(:disabled), a[href]')].filter((item) => item.checkVisibility());

/** Makes one item of a bar the one that Tab reaches. */
function stopAt(bar, stop) {
  for (const item of itemsOf(bar)) item.tabIndex = item === stop ? 0 : -1;
}

/** The item that Tab reached last; where it is gone or there was none, the one that is switched on, or the first. */
function mend(bar) {
  const items = itemsOf(bar);
  const stops = items.filter((item) => item.tabIndex === 0);
  if (stops.length !== 1) stopAt(bar, stops.length ? items.find((item) => item.getAttribute('aria-pressed') === 'true') ?? items[0] : items[0]);
}

export class Bars {
  constructor() {
    this.wide = matchMedia('(width >= 40rem)');
    this.wide.addEventListener('change', () => this.turn());
    this.turn();
    this.mend();
    document.addEventListener('focusin', ({ target }) => {
      const bar = target.closest(BAR);
      if (bar) stopAt(bar, target);
    });
    document.addEventListener('keydown', (event) => (event.key === 'Tab' ? this.mend() : this.walk(event)), { capture: true });
  }

  mend() {
    for (const bar of document.querySelectorAll(BAR)) mend(bar);
  }

  /** On a phone the tools lie in a row. */
  turn() {
    document.querySelector('.editor-tools').setAttribute('aria-orientation', this.wide.matches ? 'vertical' : 'horizontal');
  }

  walk(event) {
    const { key, target } = event;
    const bar = target.closest?.(BAR);
    if (!bar || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const items = itemsOf(bar);
    const at = items.indexOf(target);
    const to = key === 'Home' ? 0 : key === 'End' ? items.length - 1 : STEPS[key] ? (at + STEPS[key] + items.length) % items.length : -1;
    if (at < 0 || to < 0) return;
    event.preventDefault();
    items[to].focus();
  }
}
