// <tool-options>: what the tool in hand is set to.
import { icon, make } from '../make.js';
import { OPTIONS } from '../options.js';
import { word } from '../words.js';

const ACTIONS = {
  rectangle: ['select.all', 'select.none', 'select.invert', 'select.grow', 'select.shrink', 'select.feather', 'heal'],
  fill: ['fill'], clone: ['retouch.source'], healing: ['retouch.source'],
  brush: ['mask.toggle'],
  text: ['text.edit', 'text.pixels'],
};
for (const name of ['ellipse', 'lasso', 'polygon', 'quick', 'object', 'wand', 'colour']) ACTIONS[name] = ACTIONS.rectangle;
ACTIONS.eraser = ACTIONS.brush;

class ToolOptions extends HTMLElement {
  start(app) {
    this.app = app;
    app.options.addEventListener('change', () => this.follow());
    this.show();
  }

  show() {
    const { app } = this;
    const { name } = app.tool;
    this.shown = name;
    if (app.tool.generates || app.tool.frames) {
      this.replaceChildren(make('h2', { class: 'panel-title', text: word(`tool.${name}`) }));
      (app.tool.frames ? app[app.tool.room] : app.generating).show(this);
      return;
    }
    const title = make('h2', { class: 'panel-title', text: word(`tool.${name}`) });
    const actions = (ACTIONS[name] ?? []).map((command) => app.button(command));
    const rows = actions.length ? [make('div', { class: 'panel-actions' }, actions)] : [];
    // Without a source nothing can be painted, so that comes first.
    rows[app.tool.retouches ? 'push' : 'unshift'](...OPTIONS[name].map((option) => this.control(name, option)));
    this.replaceChildren(
      title,
      ...rows,
      make('p', { class: 'panel-help', text: word(`help.${name}`) }),
      make('button', { type: 'button', class: 'button button-quiet button-small', data: { numbers: '' }, on: { click: () => app.run('numbers') } }, [
        icon('keyboard', 'small'), word('numbers'),
      ]),
    );
    this.follow();
  }

  control(tool, option) {
    const id = `option-${option.name}`;
    const label = word(`option.${option.name}`);
    const { options } = this.app;
    if (option.kind === 'toggle') {
      const input = make('input', { type: 'checkbox', id, data: { option: option.name }, on: { change: () => options.set(tool, option.name, input.checked) } });
      return make('label', { class: 'check' }, [input, make('span', { text: label })]);
    }
    if (option.kind === 'choice') {
      const select = make('select', { class: 'input', id, data: { option: option.name }, on: { change: () => options.set(tool, option.name, select.value) } },
        option.choices.map((value) => make('option', { value, text: word(`${option.name}.${value}`) })));
      return make('div', { class: 'option' }, [make('label', { for: id, text: label }), select]);
    }
    return slider({ id, label, ...option, change: (value) => options.set(tool, option.name, value) });
  }

  follow() {
    const { app } = this;
    if (this.shown !== app.tool.name) {
      this.show();
      return;
    }
    for (const option of OPTIONS[this.shown] ?? []) {
      const value = app.options.get(this.shown, option.name);
      const control = this.querySelector(`[data-option="${option.name}"]`);
      if (option.kind === 'toggle') control.checked = value;
      else if (option.kind === 'choice') control.value = value;
      else control.take(value);
    }
  }
}

/** A slider and a number; `curve` gives small values more room; `neutral` is what a double-click brings back; of a `scale` of 100
 * the number is shown in hundredths. */
export function slider({ id, name, label, min, max, unit, curve, neutral, scale = 1, change, preview = change }) {
  const steps = 200;
  const toStep = (value) => (curve ? Math.round(steps * Math.sqrt((value - min) / (max - min))) : value);
  const toValue = (step) => (curve ? Math.round(min + (max - min) * (step / steps) ** 2) : Number(step));
  const range = make('input', { type: 'range', min: curve ? 0 : min, max: curve ? steps : max, 'aria-label': label });
  const number = make('input', { type: 'number', class: 'input', id, min: min / scale, max: max / scale, step: 1 / scale });
  const whole = make('div', { class: 'option', data: { option: name } }, [
    make('label', { for: id, text: label }), range, make('span', { class: 'option-number' }, [number, make('span', { class: 'option-unit', text: unit, 'aria-hidden': 'true' })]),
  ]);
  const paint = () => range.style.setProperty('--fill', `${((range.value - range.min) / (range.max - range.min)) * 100}%`);
  whole.take = (value) => {
    if (document.activeElement !== number) number.value = value / scale;
    if (!range.matches(':active') && toValue(range.value) !== value) range.value = toStep(value);
    range.setAttribute('aria-valuetext', `${value / scale} ${unit}`.trim());
    paint();
  };
  range.addEventListener('input', () => {
    number.value = toValue(range.value) / scale;
    paint();
    preview(toValue(range.value));
  });
  range.addEventListener('change', () => change(toValue(range.value)));
  number.addEventListener('change', () => {
    const typed = Math.round(Number(number.value || NaN) * scale);
    const value = Number.isNaN(typed) ? neutral ?? min : Math.min(max, Math.max(min, typed));
    number.value = value / scale;
    change(value);
    whole.take(value);
  });
  if (neutral !== undefined) {
    whole.addEventListener('dblclick', ({ target }) => {
      if (target === number) return;
      range.value = toStep(neutral);
      change(neutral);
      whole.take(neutral);
    });
  }
  return whole;
}

customElements.define('tool-options', ToolOptions);
