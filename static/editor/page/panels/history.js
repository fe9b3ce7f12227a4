// <history-list>: what was done, newest first, with the branches that an undo left folded beside; above it the versions
// that have a name.
import { icon, make } from '../make.js';
import { word } from '../words.js';

class HistoryList extends HTMLElement {
  start(app) {
    this.app = app;
    this.list = make('ol', { class: 'history', 'aria-label': word('history') });
    this.versions = make('ul', { class: 'history history-versions', 'aria-label': word('versions'), hidden: true });
    this.replaceChildren(make('div', { class: 'panel-head' }, [make('h2', { class: 'panel-title', text: word('history') }), app.iconButton('flatten.new'), app.iconButton('version')]), this.versions, this.list);
  }

  showVersions(versions) {
    this.versions.hidden = !versions.length;
    this.versions.replaceChildren(...versions.map((version) => make('li', {}, [
      make('button', { type: 'button', class: 'history-item history-version', on: { click: () => this.app.names.run('open', version) } }, [icon('star', 'small'), make('span', { class: 'truncate', text: version.name })]),
    ])));
  }

  show() {
    const { head, items, more } = this.app.state.history;
    const print = JSON.stringify(this.app.state.history);
    if (print === this.shown) return;
    this.shown = print;
    const focused = this.list.contains(document.activeElement);
    const at = items.findIndex((item) => item.id === head);
    const before = this.rows ?? new Map();
    this.rows = new Map();
    const kept = (key, made) => {
      this.rows.set(key, before.get(key) ?? made());
      return this.rows.get(key);
    };
    const rows = items.map((item, i) => kept(JSON.stringify([item, Math.sign(i - at)]), () => this.row(item, i === at, i > at))).reverse();
    if (more) rows.push(kept(`more ${more}`, () => make('li', { class: 'history-more', text: word('history.more', { count: more }) })));
    this.put(rows);
    if (focused) this.list.querySelector('[aria-current]')?.focus();
  }

  /** Makes these the rows of the list. Those that stay are left alone: a stroke is one more row, and not sixty new ones. */
  put(rows) {
    const staying = new Set(rows);
    for (const row of [...this.list.children]) if (!staying.has(row)) row.remove();
    rows.forEach((row, i) => {
      if (this.list.children[i] !== row) this.list.insertBefore(row, this.list.children[i] ?? null);
    });
  }

  row(item, current, undone) {
    const button = this.button(item, { class: `history-item${undone ? ' history-undone' : ''}`, 'aria-current': current ? 'step' : undefined });
    if (!item.branches.length) return make('li', {}, [button]);
    return make('li', {}, [button, make('details', { class: 'history-branches' }, [
      make('summary', { text: word('history.branches', { count: item.branches.length }) }),
      make('ul', {}, item.branches.map((branch) => make('li', {}, [this.button(branch, { class: 'history-item' })]))),
    ])]);
  }

  button(item, attributes) {
    return make('button', { type: 'button', ...attributes, text: nameOf(item), on: { click: () => this.app.link.tell('goto', { id: item.id }) } });
  }
}

/** An operation in words: by what it did where there are some, else by its kind. */
export function nameOf({ kind, what }) {
  const key = `op.${kind}.${what}`;
  const words = word(key);
  return words === key ? word(`op.${kind}`) : words;
}

customElements.define('history-list', HistoryList);
