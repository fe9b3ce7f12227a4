// The values of the adjustment that is chosen, or of a filter before it is applied; and the lists from which one is added.
import { newId } from '../../worker/ids.js';
import { make } from '../make.js';
import { newSeed } from '../options.js';
import { say } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';
import { Choices } from './choices.js';
import { controlsOf, filterControls } from './controls.js';
import { Keeping } from './keeping.js';

const QUIET = 500; // ms without a key after which a value that keys have changed is an operation

export class Panel {
  constructor(app) {
    this.app = app;
    this.place = app.parts.effect;
    this.choices = new Choices(this);
    this.layer = null; // the adjustment that is shown
    this.kind = null;
    this.draft = null; // its values where they are not an operation yet
    this.sent = null; // its values while they become one
    this.filter = null; // { layer, values }
    this.keeping = new Keeping(app);
    this.byKeys = false;
    this.timer = 0;
    this.place.addEventListener('keydown', (event) => this.key(event), { capture: true });
    this.place.addEventListener('pointerdown', () => {
      this.byKeys = false;
      if (this.timer) this.flush();
    }, { capture: true });
    // What a pointer has begun goes on: it moves the focus when it presses.
    this.place.addEventListener('focusout', () => this.timer && this.flush());
  }

  get current() {
    return placeOf(this.app.state.layers, this.app.layer)?.layer ?? null;
  }

  // --- adding -----------------------------------------------------------------------------------------------------

  chooseAdjustment() {
    return this.choices.adjustments();
  }

  async chooseFilter() {
    const { app } = this;
    // A filter is tried on what is bent by then.
    if (['transform', 'mesh'].includes(app.tool.name)) await app.geometry.ready?.tool?.apply();
    if (!app.mayUse(app.tools.get('fill'))) return;
    app.link.tell('ready', { layer: app.layer });
    this.choices.filters();
  }

  /** Adds an adjustment above the chosen layer; what is selected becomes its mask. */
  async add(kind) {
    const { app } = this;
    const place = placeOf(app.state.layers, app.layer);
    app.wanted = newId();
    const above = { group: place?.parent ?? null, above: place?.layer.id ?? null };
    const body = { layer: app.wanted, name: word(`adjust.${kind}`), ...above, adjust: { kind }, mask_from_selection: app.state.selected || undefined };
    if (!(await app.do('layer.add', body))) return;
    app.target = 'pixels';
    say(word('adjust.added', { name: word(`adjust.${kind}`) }));
    this.open();
  }

  /** Adds a look: a group that lets its backdrop through, with the adjustments in it. */
  async addLook(name, adjustments) {
    const { app } = this;
    const place = placeOf(app.state.layers, app.layer);
    const group = newId();
    const ids = adjustments.map(() => newId());
    const done = await app.doAll([
      ['layer.add', { layer: group, name, group: place?.parent ?? null, above: place?.layer.id ?? null, group_layer: true, mask_from_selection: app.state.selected || undefined }],
      ['layer.set', { layer: group, through: true }],
      ...adjustments.map((adjust, i) => ['layer.add', { layer: ids[i], name: word(`adjust.${adjust.kind}`), group, above: ids[i - 1] ?? null, adjust }]),
    ]);
    if (!done) return;
    app.choose(group);
    say(word('adjust.added', { name }));
  }

  /** Brings the values into sight: on a phone they are a sheet. */
  open() {
    const { app } = this;
    if (app.parts.root.dataset.open) app.sheet('properties');
    this.follow();
    this.place.querySelector('input, select')?.focus({ preventScroll: true });
  }

  // --- an adjustment ------------------------------------------------------------------------------------------------

  /** Shows what is chosen now. */
  follow() {
    const { current } = this;
    this.place.classList.toggle('effect-alone', this.app.target !== 'mask');
    if (this.filter && (current?.id !== this.filter.layer || this.app.target === 'mask')) this.cancel();
    if (this.filter) return;
    const adjust = current?.adjust ?? null;
    if (this.layer !== (adjust && current.id) || this.kind !== (adjust?.kind ?? null)) {
      this.flush();
      this.layer = adjust && current.id;
      this.kind = adjust?.kind ?? null;
      this.build();
    }
    if (this.layer && !this.draft) this.controls.take(this.values);
  }

  build() {
    this.place.hidden = !this.layer;
    if (!this.layer) {
      this.place.replaceChildren();
      return;
    }
    this.app.link.tell('ready', { layer: this.layer });
    this.controls = controlsOf(this.kind, this);
    this.place.replaceChildren(
      make('h2', { class: 'panel-title', text: word(`adjust.${this.kind}`) }),
      ...this.controls.elements,
      ...(this.controls.elements.length ? [make('div', { class: 'panel-actions' }, [
        ...this.controls.actions,
        make('button', { type: 'button', class: 'button button-small', text: word('adjust.reset'), on: { click: () => this.set(this.controls.neutral) } }),
      ])] : [make('p', { class: 'panel-help', text: word('adjust.none') })]),
    );
  }

  /** The adjustment with what is not an operation yet. */
  get values() {
    return this.draft ?? this.sent ?? this.current?.adjust ?? { kind: this.kind };
  }

  /** Shows values while they are being chosen. */
  preview(values) {
    this.draft = { ...this.values, ...values };
    this.app.link.tell('try', { layer: this.layer, values: { adjust: this.draft } });
  }

  /** Takes values: with a pointer at once, with keys when they rest, so that the history holds one step of them. */
  set(values) {
    this.preview(values);
    this.controls.take(this.draft);
    clearTimeout(this.timer);
    if (this.byKeys) this.timer = setTimeout(() => this.flush(), QUIET);
    else this.flush();
  }

  /** Makes an operation of what was chosen. */
  flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { draft, layer } = this;
    this.draft = null;
    const now = layer && placeOf(this.app.state.layers, layer)?.layer;
    if (!draft || !now) return null;
    if (same(draft, now.adjust)) {
      this.app.link.tell('preview.drop');
      return null;
    }
    this.sent = draft;
    return this.app.link.ask('do', { kind: 'layer.adjust', body: { layer, adjust: draft } }).catch((error) => this.app.refuse(error.message)).finally(() => {
      this.sent = null;
      this.follow();
    });
  }

  // --- a filter -------------------------------------------------------------------------------------------------------

  /** Tries a filter again that was tried when the page was left. */
  restore() {
    return this.keeping.restore(({ layer, values }) => {
      this.app.choose(layer);
      this.begin(values.kind, values);
    });
  }

  /** Begins a filter of the chosen layer. */
  begin(kind, known = undefined) {
    const { app } = this;
    this.flush();
    this.layer = null;
    this.kind = null;
    this.filter = { layer: app.layer, values: null };
    const { elements, first } = filterControls(kind, (values) => this.try(values), known);
    this.apply = make('button', { type: 'button', class: 'button button-primary button-small', text: word('filter.apply'), on: { click: () => this.applyFilter() } });
    this.place.hidden = false;
    this.place.replaceChildren(
      make('h2', { class: 'panel-title', text: word(`filter.${kind}`) }),
      ...elements,
      make('p', { class: 'panel-help', text: word(app.state.selected ? 'filter.selection' : 'filter.layer') }),
      make('div', { class: 'panel-actions' }, [this.apply, make('button', { type: 'button', class: 'button button-small', text: word('filter.cancel'), on: { click: () => this.cancel() } })]),
    );
    this.try(known ?? { kind, ...first, ...(kind === 'noise' ? { seed: newSeed() } : {}) });
    if (app.parts.root.dataset.open) app.sheet('properties');
    this.place.querySelector('input, select')?.focus({ preventScroll: true });
  }

  try(values) {
    this.filter.values = { ...this.filter.values, ...values };
    this.keeping.hold(this.filter);
    this.app.link.tell('try', { layer: this.filter.layer, values: { filter: this.filter.values } });
  }

  async applyFilter() {
    const { app, filter } = this;
    if (!filter || this.apply.disabled) return;
    this.apply.disabled = true;
    app.status(word('working'));
    this.keeping.hold(filter, { applying: true });
    const done = await app.do('filter', { layer: filter.layer, filter: filter.values });
    app.status('');
    const said = word('filter.applied', { name: word(`filter.${filter.values.kind}`) });
    if (this.filter !== filter) { // given up on its way
      if (done) say(said);
      return;
    }
    this.apply.disabled = false;
    if (done) this.close(said, true);
    else this.keeping.hold(filter);
  }

  /** Gives the filter up. Returns whether there was one. */
  cancel() {
    if (!this.filter) return false;
    this.app.link.tell('preview.drop');
    this.close(word('filter.cancelled'));
    return true;
  }

  close(said, applied = false) {
    this.keeping.drop(applied);
    this.filter = null;
    this.place.hidden = true;
    this.place.replaceChildren();
    this.app.parts.stage.focus({ preventScroll: true });
    this.follow();
    say(said);
  }

  key(event) {
    this.byKeys = true;
    if (!this.filter || event.isComposing) return;
    if (event.key === 'Enter' && event.target.matches('input')) {
      event.target.blur(); // so that a number that was typed is taken
      this.applyFilter();
    } else if (event.key !== 'Escape' || !this.cancel()) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
