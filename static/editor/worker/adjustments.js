// Adjustments: what each is set by, and the program that the kernels make of it. The twin of
// editor/replay/effects/adjustments.py. Loaded before the first operation that has one; the page takes its bounds from here.
import { modeNumber } from './layers.js';
import { TILE } from './planes.js';

const both = (neutral = 0) => [-100, 100, neutral];

/** Kinds in the kernels' order; of each value its bounds and what changes nothing. */
export const KINDS = {
  brightness: { brightness: both(), contrast: both() },
  exposure: { exposure: [-500, 500, 0], offset: [-200, 200, 0], gamma: [10, 400, 100] },
  levels: {},
  curves: {},
  hue: { hue: [-180, 180, 0], saturation: both(), lightness: both() },
  temperature: { temperature: both(), tint: both() },
  balance: {
    ...Object.fromEntries(['shadows', 'midtones', 'highlights'].flatMap((part) => ['red', 'green', 'blue'].map((colour) => [`${part}_${colour}`, both()]))),
    keep: [0, 1, 1],
  },
  mono: { red: [-200, 300, 40], yellow: [-200, 300, 60], green: [-200, 300, 40], cyan: [-200, 300, 60], blue: [-200, 300, 20], magenta: [-200, 300, 80] },
  invert: {},
  threshold: { level: [1, 255, 128] },
  posterise: { levels: [2, 64, 4] },
  vignette: { amount: both(-50), middle: [0, 100, 60], round: [0, 100, 50], feather: [0, 100, 60] },
};
export const CHANNELS = ['all', 'red', 'green', 'blue'];
export const NEUTRAL_LEVELS = [0, 100, 255, 0, 255];
export const MOST_POINTS = 16;
const NUMBER = Object.fromEntries(Object.keys(KINDS).map((kind, number) => [kind, number]));
const PROGRAM = 2896; // bytes, of k1/tables.c

/** The values in the kernels' order. */
export function flat({ kind, ...values }) {
  if (kind === 'levels') return CHANNELS.flatMap((channel) => values[channel] ?? NEUTRAL_LEVELS);
  if (kind === 'curves') return CHANNELS.flatMap((channel) => [values[channel]?.length ?? 0, ...(values[channel] ?? []).flat()]);
  return Object.entries(KINDS[kind]).map(([name, [, , neutral]]) => values[name] ?? neutral);
}

/** Adjusts `rows` rows of the tile at an address, in place; at: which tile it is, at which level, and the document's size. */
export function adjust(kernels, target, adjustment, mask, opacity, mode, at, from = 0, rows = TILE) {
  const program = kernels.room(PROGRAM);
  kernels.run.adjust_program(program, NUMBER[adjustment.kind], kernels.put(Int32Array.from([...flat(adjustment), ...new Array(10).fill(0)])));
  const begin = from * TILE;
  kernels.run.adjust(target + 4 * begin, mask && mask + begin, program, opacity, modeNumber(mode), at.x * TILE, at.y * TILE + from, rows, at.level, ...at.size);
}
