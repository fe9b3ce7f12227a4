// Adjustments: the program that the kernels make of one, and what it does to a tile. The twin of
// editor/replay/effects/adjustments.py. Loaded before the first operation that has one.
import { ADJUSTMENTS, CHANNELS, NEUTRAL_LEVELS } from './kinds.js';
import { TILE } from './planes.js';

const NUMBER = Object.fromEntries(Object.keys(ADJUSTMENTS).map((kind, number) => [kind, number]));
const PROGRAM = 2896; // bytes, of k1/tables.c

/** The values in the kernels' order. */
export function flat({ kind, ...values }) {
  if (kind === 'levels') return CHANNELS.flatMap((channel) => values[channel] ?? NEUTRAL_LEVELS);
  if (kind === 'curves') return CHANNELS.flatMap((channel) => [values[channel]?.length ?? 0, ...(values[channel] ?? []).flat()]);
  return Object.entries(ADJUSTMENTS[kind]).map(([name, [, , neutral]]) => values[name] ?? neutral);
}

/** Adjusts `rows` rows of the tile at an address, in place; mode: its number;
 * at: which tile it is, at which level, and the document's size. */
export function adjust(kernels, target, adjustment, mask, opacity, mode, at, from = 0, rows = TILE) {
  const program = kernels.room(PROGRAM);
  kernels.run.adjust_program(program, NUMBER[adjustment.kind], kernels.put(Int32Array.from([...flat(adjustment), ...new Array(10).fill(0)])));
  const begin = from * TILE;
  kernels.run.adjust(target + 4 * begin, mask && mask + begin, program, opacity, mode, at.x * TILE, at.y * TILE + from, rows, at.level, ...at.size);
}
