// The controls of each adjustment and filter: { elements, actions, neutral, take(adjustment) }.
import { ADJUSTMENTS, FILTERS } from '../../worker/kinds.js';
import { slider } from '../panels/properties.js';
import { word } from '../words.js';
import { Curves } from './curves.js';
import { check, choiceOf } from './fields.js';
import { Levels } from './levels.js';

const UNITS = { hue: '°', radius: 'px', size: 'px', amount: '%' };
const HUNDREDTHS = new Set(['exposure', 'gamma']); // shown as 1.25
const FIRST = { box: { radius: 8 }, gaussian: { radius: 8 }, sharpen: { amount: 80, radius: 2, threshold: 2 }, noise: { amount: 10, one: 1 }, pixelate: { size: 12 } };
const PARTS = ['shadows', 'midtones', 'highlights'];
const COLOURS = ['red', 'green', 'blue'];

/** The controls of an adjustment; panel.preview and panel.set hear of its values. */
export function controlsOf(kind, panel) {
  if (kind === 'levels') return new Levels(panel);
  if (kind === 'curves') return new Curves(panel);
  if (kind === 'balance') return balance(panel);
  const rows = Object.entries(ADJUSTMENTS[kind]).map(([name, bounds]) => [name, row(kind, name, bounds, (value) => panel.preview({ [name]: value }), (value) => panel.set({ [name]: value }))]);
  return {
    elements: rows.map(([, element]) => element), actions: [], neutral: neutralOf(kind),
    take: (adjust) => rows.forEach(([name, element]) => element.take(adjust[name] ?? ADJUSTMENTS[kind][name][2])),
  };
}

const neutralOf = (kind) => Object.fromEntries(Object.entries(ADJUSTMENTS[kind]).map(([name, [, , neutral]]) => [name, neutral]));

function row(kind, name, [min, max, neutral], preview, change) {
  const own = word(`effect.${kind}.${name}`);
  const label = own === `effect.${kind}.${name}` ? word(`effect.${name}`) : own;
  return slider({ id: `effect-${name}`, name, label, min, max, neutral, unit: UNITS[name] ?? '', scale: HUNDREDTHS.has(name) ? 100 : 1, curve: name === 'gamma', preview, change });
}

/** Three sliders for each of shadows, midtones and highlights, of which one part is shown at a time. */
function balance(panel) {
  let part = 'midtones';
  let shown = {};
  const name = (colour) => `${part}_${colour}`;
  const rows = COLOURS.map((colour) => row('balance', colour, [-100, 100, 0], (value) => panel.preview({ [name(colour)]: value }), (value) => panel.set({ [name(colour)]: value })));
  const keep = check(word('effect.keep'), true, (on) => panel.set({ keep: Number(on) }));
  const take = (adjust) => {
    shown = adjust;
    rows.forEach((element, i) => element.take(adjust[name(COLOURS[i])] ?? 0));
    keep.take((adjust.keep ?? 1) === 1);
  };
  const choice = choiceOf('effect-part', word('effect.part'), PARTS.map((each) => [each, word(`effect.${each}`)]), part, (value) => {
    part = value;
    take(shown);
  });
  return { elements: [choice, ...rows, keep], actions: [], neutral: neutralOf('balance'), take };
}

/** The controls of a filter, and the values that it begins with; now: those that are shown, where they are others. */
export function filterControls(kind, change, now = FIRST[kind]) {
  const first = FIRST[kind];
  const elements = Object.entries(FILTERS[kind]).filter(([name]) => name !== 'seed').map(([name, [min, max]]) => {
    if (name === 'one') return check(word('effect.one'), Boolean(now.one ?? 1), (on) => change({ one: Number(on) }));
    const element = slider({ id: `effect-${name}`, name, label: word(`effect.${name}`), min, max, neutral: first[name], unit: UNITS[name] ?? '', curve: true, change: (value) => change({ [name]: value }) });
    element.take(now[name]);
    return element;
  });
  return { elements, first };
}
