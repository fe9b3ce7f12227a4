// The box of what the model sees, and the sides that a picture is extended by, as numbers.
import { make } from '../make.js';
import { word } from '../words.js';

const SHARES = { all_around: [1, 1, 1, 1], wider: [1, 0, 1, 0], taller: [0, 1, 0, 1] };
const SHARE = 0.25; // of the picture's side

function numbers(names, change) {
  const inputs = names.map((name) => make('input', { type: 'number', class: 'input', step: 1, data: { field: name }, 'aria-label': word(`generate.${name}`) }));
  const labels = inputs.map((input, i) => make('label', {}, [make('span', { text: word(`generate.${names[i]}`) }), input]));
  for (const input of inputs) input.addEventListener('change', () => change(inputs.map(({ value }) => Math.round(Number(value) || 0))));
  const take = (values) => inputs.forEach((input, i) => {
    if (document.activeElement !== input) input.value = values ? values[i] : '';
    input.disabled = !values;
  });
  return { element: make('div', { class: 'generate-numbers' }, labels), take };
}

/** What the model sees: x, y, width, height, and a way back to what is proposed. */
export function boxFields(generation, followers) {
  const name = () => (generation.tool === 'extend' ? 'seen' : 'box');
  const fields = numbers(['x', 'y', 'width', 'height'], ([x, y, width, height]) => {
    generation.set({ [name()]: [x, y, x + Math.max(1, width), y + Math.max(1, height)] });
  });
  const back = make('button', { type: 'button', class: 'button button-small', text: word('generate.automatic'), on: { click: () => generation.set({ [name()]: null }) } });
  followers.push(() => {
    const box = generation.mine[name()] ?? generation.seen;
    fields.take(box && [box[0], box[1], box[2] - box[0], box[3] - box[1]]);
    back.disabled = !generation.mine[name()];
  });
  return make('details', { class: 'generate-more' }, [make('summary', { text: word('generate.seen') }), make('p', { class: 'panel-help', text: word('generate.seenHelp') }), fields.element, back]);
}

/** How far each side goes out, with three usual ways. */
export function sideFields(generation, followers) {
  const { state } = generation.app;
  const fields = numbers(['left', 'top', 'right', 'bottom'], (sides) => {
    const [left, top, right, bottom] = sides.map((side) => Math.max(0, side));
    generation.frame.grow([-left, -top, state.width + right, state.height + bottom]);
    generation.set({});
  });
  followers.push(() => fields.take(generation.mine.sides ?? [0, 0, 0, 0]));
  const buttons = Object.entries(SHARES).map(([name, shares]) => make('button', {
    type: 'button', class: 'chip', text: word(`generate.${name}`), on: {
      click: () => {
        const { width, height } = generation.app.state;
        const [left, top, right, bottom] = shares.map((share, i) => Math.round(share * SHARE * (i % 2 ? height : width)));
        generation.frame.grow([-left, -top, width + right, height + bottom]);
        generation.set({});
      },
    },
  }));
  return make('div', { class: 'generate-field', role: 'group', 'aria-label': word('generate.sides') }, [make('div', { class: 'chips' }, buttons), fields.element]);
}
