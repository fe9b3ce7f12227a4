// Rows of controls that several adjustments have.
import { make } from '../make.js';

/** A list to choose from, as a row. */
export function choiceOf(id, label, choices, value, change) {
  const select = make('select', { class: 'input', id, on: { change: () => change(select.value) } }, choices.map(([key, text]) => make('option', { value: key, text })));
  select.value = value;
  return make('div', { class: 'option' }, [make('label', { for: id, text: label }), select]);
}

/** A box to tick. */
export function check(label, checked, change) {
  const input = make('input', { type: 'checkbox', on: { change: () => change(input.checked) } });
  input.checked = checked;
  const whole = make('label', { class: 'check' }, [input, make('span', { text: label })]);
  whole.take = (value) => {
    input.checked = value;
  };
  return whole;
}
