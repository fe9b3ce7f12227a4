// The settings of a generative tool: words, model, variants, strength, the box in numbers, and the button with the price on it.
import { icon, make } from '../make.js';
import { slider } from '../panels/properties.js';
import { word } from '../words.js';
import { LOCAL } from './asked.js';
import { boxFields, sideFields } from './fields.js';
import { Reference } from './reference.js';
import { chips } from './suggestions.js';

const SELECTORS = { lasso: 'lasso', rectangle: 'square-dashed', quick: 'lasso-select' };

export class Panel {
  constructor(generation) {
    this.generation = generation;
    this.place = null;
    this.shown = null; // what the controls were made for
    this.followers = [];
  }

  /** Makes the controls anew. */
  show(place = this.place) {
    const { generation } = this;
    const { tool } = generation;
    this.place = place;
    this.followers = [];
    const title = make('h2', { class: 'panel-title', text: word(`tool.generate.${tool}`) });
    const help = make('p', { class: 'panel-help', text: word(`help.generate.${tool}`) });
    if (tool === 'reference') {
      place.replaceChildren(title, help, new Reference(generation).element);
      return;
    }
    const form = make('form', { class: 'generate', 'aria-label': word(`tool.generate.${tool}`) }, [make('div', { class: 'generate-body' }, [title, help, ...this.controls()]), this.foot()]);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      generation.order();
    });
    form.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      generation.order();
    });
    place.replaceChildren(form);
    this.follow();
  }

  focus() {
    this.place?.querySelector('textarea, [data-part=order]')?.focus();
  }

  controls() {
    const { generation } = this;
    const { tool, entry } = generation;
    const all = [];
    const { maySelect } = generation;
    if (maySelect) all.push(this.selector());
    if (tool === 'variations' || tool === 'instruct') all.push(this.whole());
    if (tool === 'extend') all.push(sideFields(generation, this.followers));
    if (tool === 'upscale') all.push(...this.scales());
    if (entry && entry.words !== 'none' && !generation.local) all.push(this.words(entry));
    if (tool === 'erase' || entry?.models.length) all.push(this.models());
    if (entry && !generation.local) {
      if (entry.variants[1] > 1) all.push(this.variants(entry));
      if (entry.strength) all.push(this.strength(entry));
      if (maySelect || tool === 'extend') all.push(boxFields(generation, this.followers));
    }
    return all;
  }

  // --- one control each -------------------------------------------------------------------------------------------

  words({ words: needed }) {
    const { generation } = this;
    const { mine } = generation;
    const help = make('span', { class: 'faint', text: needed === 'optional' ? word('generate.optional') : '' });
    const input = make('textarea', { class: 'input generate-words', id: 'generate-words', rows: 2, maxlength: generation.options.most_words, 'aria-describedby': 'generate-hint' });
    input.value = mine.words || (generation.tool === 'variations' ? generation.options.words : '');
    if (input.value !== mine.words) mine.words = input.value;
    const known = chips(generation, input);
    input.addEventListener('input', () => {
      generation.setWords(input.value);
      known.follow();
    });
    this.followers.push(() => known.follow());
    return make('div', { class: 'generate-field' }, [
      make('label', { for: 'generate-words' }, [word('generate.words'), ' ', help]), input, known.element,
    ]);
  }

  models() {
    const { generation } = this;
    const { entry, tool } = generation;
    const models = [...(tool === 'erase' ? [{ id: LOCAL, label: word('generate.local') }] : []), ...(entry?.models ?? [])];
    if (models.length === 1) return make('p', { class: 'generate-model' }, [make('span', { class: 'muted', text: word('generate.model') }), make('span', { text: models[0].label })]);
    const select = make('select', { class: 'input', id: 'generate-model' }, models.map(({ id, label }) => make('option', { value: id, text: label })));
    select.value = generation.model;
    select.addEventListener('change', () => {
      generation.set({ model: select.value });
      this.show();
      this.place.querySelector('#generate-model').focus();
    });
    return make('div', { class: 'option' }, [make('label', { for: 'generate-model', text: word('generate.model') }), select]);
  }

  variants({ variants: [least, most] }) {
    const { generation } = this;
    const now = Math.min(most, Math.max(least, generation.mine.variants));
    const counts = Array.from({ length: most - least + 1 }, (_, i) => least + i);
    return this.segments('generate-variants', word(generation.tool === 'layers' ? 'generate.layers' : 'generate.variants'), counts.map((count) => ({ value: String(count), text: String(count) })), String(now), (value) => generation.set({ variants: Number(value) }));
  }

  strength({ strength: { least, most, default: usual } }) {
    const { generation } = this;
    const percent = (value) => Math.round(value * 100);
    const control = slider({
      id: 'generate-strength', name: 'strength', label: word('generate.strength'), min: percent(least), max: percent(most), unit: '%',
      preview: () => {}, change: (value) => generation.set({ strength: value / 100 }),
    });
    control.take(percent(generation.mine.strength ?? usual));
    this.followers.push(() => control.take(percent(generation.mine.strength ?? usual)));
    return control;
  }

  selector() {
    const { frame } = this.generation;
    const choices = Object.entries(SELECTORS).map(([value, symbol]) => ({ value, symbol, text: word(`tool.${value}`) }));
    return this.segments('generate-selector', word('generate.selectWith'), choices, frame.selector, (value) => {
      frame.selector = value;
    });
  }

  whole() {
    const { generation } = this;
    const choices = [{ value: '', text: word('generate.part') }, { value: 'whole', text: word('generate.whole') }];
    const control = this.segments('generate-whole', word(generation.tool === 'instruct' ? 'generate.of.instruct' : 'generate.of'), choices, '', (value) => generation.set({ whole: Boolean(value) }));
    const [part, whole] = control.querySelectorAll('input');
    this.followers.push(() => {
      part.disabled = !generation.app.state.selected;
      (generation.bySelection ? part : whole).checked = true;
    });
    return control;
  }

  scales() {
    const { generation } = this;
    const scales = generation.options?.scales ?? [];
    if (!scales.length) return [];
    const choices = scales.map(({ scale, label, width, height }) => ({ value: scale, text: label, note: `${width} × ${height}` }));
    const chosen = make('p', { class: 'panel-help' });
    this.followers.push(() => {
      const { width, height } = generation.scale;
      chosen.textContent = word('generate.scaled', { width, height });
    });
    return [this.segments('generate-scale', word('generate.scale'), choices, generation.scale.scale, (value) => generation.set({ scale: value })), chosen];
  }

  segments(name, label, choices, value, change) {
    const parts = choices.map((choice) => make('label', { title: choice.symbol ? choice.text : undefined }, [
      make('input', { type: 'radio', name, value: choice.value, checked: choice.value === value, 'aria-label': choice.text, on: { change: () => change(choice.value) } }),
      make('span', {}, choice.symbol ? [icon(choice.symbol, 'small')] : [choice.text]),
    ]));
    return make('fieldset', { class: 'option generate-choice' }, [make('legend', { text: label }), make('div', { class: 'segments segments-full' }, parts)]);
  }

  // --- the button with the price ----------------------------------------------------------------------------------

  foot() {
    this.button = make('button', { class: 'button button-primary', data: { part: 'order' }, 'aria-describedby': 'generate-note generate-hint' });
    this.hint = make('p', { class: 'generate-hint', id: 'generate-hint', role: 'status' });
    this.note = make('p', { class: 'generate-note', id: 'generate-note' });
    this.balance = make('p', { class: 'generate-balance' });
    return make('div', { class: 'generate-foot' }, [this.note, this.button, this.hint, this.balance]);
  }

  /** What stands on the button: «Fill · 2 variants · 2 credits», or without the price while it isn't known. */
  label() {
    const { generation } = this;
    const { tool, entry, quote, local } = generation;
    const parts = [word(`generate.go.${tool}`)];
    const [least, most] = local || !entry ? [1, 1] : entry.variants;
    const count = Math.min(most, Math.max(least, generation.mine.variants));
    if (most > 1) parts.push(word(tool === 'layers' ? 'generate.layerCount' : count === 1 ? 'generate.variant' : 'generate.variantCount', { count }));
    if (local) parts.push(word('generate.free'));
    else if (quote && quote.price !== null) parts.push(word(quote.price === 1 ? 'generate.credit' : 'generate.credits', { count: quote.price }));
    return parts.join(' · ');
  }

  follow() {
    const { generation } = this;
    if (!this.button || !generation.tool || generation.tool === 'reference') return;
    for (const follow of this.followers) follow();
    const { quote, busy } = generation;
    const text = this.label();
    if (this.button.textContent !== text) this.button.textContent = text;
    const sentence = generation.hint || quote?.sentence || '';
    this.button.setAttribute('aria-disabled', String(!quote || Boolean(quote.sentence) || Boolean(generation.wordless()) || busy));
    this.button.toggleAttribute('aria-busy', false);
    if (busy) this.button.setAttribute('aria-busy', 'true');
    if (this.hint.textContent !== sentence) this.hint.textContent = sentence;
    const note = (!generation.local && quote?.note) || '';
    // While a new price is asked for, the note about the last one stays.
    if (quote || generation.local) this.note.textContent = note;
    const credits = quote?.credits ?? generation.options?.credits;
    this.balance.hidden = credits === undefined || generation.local;
    if (credits === undefined) return;
    const poor = quote && credits < quote.price;
    this.balance.replaceChildren(word(credits === 1 ? 'generate.haveOne' : 'generate.have', { count: credits }), ...(poor ? [' ', make('a', { class: 'link', href: generation.site.addresses.pricing, target: '_blank', text: word('generate.buy') })] : []));
  }
}
