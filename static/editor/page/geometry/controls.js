// Controls of the panel: a list to choose from, a box to tick, rows of numbers.
import { make } from '../make.js';
import { word } from '../words.js';

/** A list to choose from, as a row. */
export function choiceOf(id, label, choices, value, change) {
  const select = make('select', { class: 'input', id, on: { change: () => change(select.value) } }, choices.map(([key, text]) => make('option', { value: key, text })));
  select.value = value;
  return make('div', { class: 'option' }, [make('label', { for: id, text: label }), select]);
}

export function check(label, checked, change) {
  const input = make('input', { type: 'checkbox', on: { change: () => change(input.checked) } });
  input.checked = checked;
  return make('label', { class: 'check' }, [input, make('span', { text: label })]);
}

/** Numbers side by side: get() gives them by name, set(name, value) takes one that was typed. */
export function fieldsOf(id, names, { get, set }) {
  const inputs = new Map(names.map((name) => {
    const input = make('input', { type: 'number', class: 'input', step: 'any', name, id: `${id}-${name}`, on: { change: () => input.value !== '' && Number.isFinite(Number(input.value)) && set(name, Number(input.value)) } });
    return [name, input];
  }));
  const row = make('div', { class: 'geometry-numbers' }, [...inputs].map(([name, input]) => make('label', { class: 'field' }, [make('span', { class: 'field-label', text: word(`number.${name}`) }), input])));
  const follow = () => {
    const values = get();
    for (const [name, input] of inputs) input.value = String(Math.round(values[name] * 100) / 100);
  };
  return { elements: [row], follow };
}
