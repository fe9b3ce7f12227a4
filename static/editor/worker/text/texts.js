// Text layers, as the engine knows them; loaded before the first operation that has one.
import { STRAIGHT, after } from '../following.js';
import { Impossible, walk } from '../layers.js';
import { drawn } from './drawing.js';
import { Fonts } from './fonts.js';
import { placed } from './layout.js';
import { linesOf, turns } from './runs.js';

let fonts = null; // once they are loaded

/** What is being loaded; a sentence says where it can't be. */
async function here(loading) {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof Impossible) throw error;
    throw new Impossible("The server can't be reached. Try again when you're connected.");
  }
}

async function ready() {
  fonts ??= await here(Fonts.get());
  return fonts;
}

/** Loads the fonts that a text is drawn with. */
export async function loadFor(text) {
  await (await ready()).loadFor(text);
}

/** Stands a new text in its document. */
export function begin(document, layer) {
  layer.place = STRAIGHT;
  redraw(document, layer);
}

/** Draws a text again: what describes it has changed, or its place. */
export function redraw({ kernels, size }, layer) {
  const { text } = layer;
  if (text) layer.pixels = drawn(kernels, fonts.harfbuzz, text, layer.place, size, fonts.of(text.family, text.weight));
}

/** Draws texts again where they come to lie; `change` leads from a point of the document to the one before. */
export function follow(document, some, change) {
  for (const layer of walk(some)) {
    if (!layer.text) continue;
    layer.place = after(layer.place, change);
    redraw(document, layer);
  }
}

const WEST = new Set(['Latn', 'Cyrl', 'Grek', 'Zyyy']);

/** The lines of a text that is being written, as { lines, missing, rtl }; all that it needs is loaded. */
export async function lines(text) {
  const { harfbuzz, list } = await ready();
  const directions = turns(text.content) ? await here(import('./directions.js')) : null;
  const choice = new Map();
  const first = (script) => fonts.of(text.family, text.weight, script);
  const spare = [...list.spare.map((name) => `${name}-${list.weights[text.weight]}`), ...list.own];
  // What no run can be made of before it is known what the words need: one pass looks, the next one lays out.
  const wanted = new Set([first('Latn')]);
  const choose = (letter, script) => {
    const key = `${letter} ${script}`;
    if (choice.has(key)) return choice.get(key);
    for (const font of [first(script), ...(WEST.has(script) ? [first('Latn')] : []), ...spare]) {
      if (!harfbuzz.has(font)) {
        if (!list.addresses[font]) continue;
        wanted.add(font);
        return null;
      }
      if (harfbuzz.draws(font, letter.codePointAt(0))) {
        choice.set(key, font);
        return font;
      }
    }
    choice.set(key, null);
    return null;
  };
  const room = text.width === undefined || text.path ? Infinity : text.width * 16;
  const length = (runs) => (room === Infinity || !runs.length ? 0 : lengthOf(text, runs));
  for (;;) {
    for (const font of wanted) await fonts.load(font);
    wanted.clear();
    const found = linesOf(text.content, { choose, first }, length, Infinity, directions);
    if (wanted.size) continue;
    for (const run of found.lines.flat()) wanted.add(run[2]);
    for (const font of wanted) await fonts.load(font);
    const made = room === Infinity ? found : linesOf(text.content, { choose, first }, length, room, directions);
    return { ...made, length: Math.max(0, ...made.lines.map((runs) => (runs.length ? lengthOf(text, runs) : 0))) / 256 };
  }
}

/** How long a line would be, in 256ths of a pixel. */
function lengthOf(text, runs) {
  const line = { ...text, x: 0, y: 0, align: 'right', width: 0, lines: [runs] };
  const [leftmost] = placed(fonts.harfbuzz, line, fonts.of(text.family, text.weight));
  return leftmost ? Number(-leftmost.matrix[2] >> 24n) : 0;
}

export { useFonts } from './fonts.js';
