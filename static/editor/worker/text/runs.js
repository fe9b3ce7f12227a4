// From words to lines of runs: where lines break, which way letters go, which font has them. It is found once, when a text is
// written, and saved; nothing is found again when it is drawn, on whatever machine.
import bidiFactory from '../../vendor/bidi-js-1.1.0.js';

const bidi = bidiFactory();
const SCRIPTS = { Latn: 'Latin', Cyrl: 'Cyrillic', Grek: 'Greek', Arab: 'Arabic', Hebr: 'Hebrew', Deva: 'Devanagari', Hani: 'Han', Hira: 'Hiragana', Kana: 'Katakana', Hang: 'Hangul', Bopo: 'Bopomofo' };
const TESTS = Object.entries(SCRIPTS).map(([name, script]) => [name, new RegExp(`\\p{Script_Extensions=${script}}`, 'u'), new RegExp(`\\p{Script=${script}}`, 'u')]);
const JOINS = /[\p{Mark}\u200c\u200d\ufe0f]/u; // never apart from the letter before
const BLANK = /[\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const CLOSES = /[\p{Close_Punctuation}\p{Final_Punctuation}、。，．！？：；…]/u;

/** The script of each letter; what belongs to every script takes that of its neighbours. */
export function scriptsOf(letters) {
  const own = letters.map((letter) => TESTS.find(([, , strict]) => strict.test(letter))?.[0] ?? (TESTS.some(([, wide]) => wide.test(letter)) || /\p{Script=Common}|\p{Script=Inherited}/u.test(letter) ? null : 'Zyyy'));
  let before = own.find(Boolean) ?? 'Zyyy';
  return own.map((script) => {
    before = script ?? before;
    return before;
  });
}

/** Where a line may break: before each of these letters. */
function breaksOf(letters) {
  const found = new Set();
  for (let i = 1; i < letters.length; i++) {
    const [before, letter] = [letters[i - 1], letters[i]];
    if (/\s/u.test(letter) || JOINS.test(letter)) continue;
    if (/[ \u2000-\u200a\u200b\u3000]/u.test(before) || /[-\u2010\u2013\u2014/]/u.test(before) && /\p{Letter}/u.test(letter)) found.add(i);
    else if ((IDEOGRAPH.test(before) || IDEOGRAPH.test(letter)) && !CLOSES.test(letter)) found.add(i);
  }
  return found;
}

/** The lines of a content as { lines, missing, rtl }. fonts: { choose(letter, script) → font, or null where none has it },
 * width(start, end, runs): how long it would be; room: how long a line may be, or Infinity. */
export function linesOf(content, fonts, width, room) {
  const letters = Array.from(content);
  const scripts = scriptsOf(letters);
  const missing = new Set();
  const chosen = [];
  letters.forEach((letter, i) => {
    if (i && (JOINS.test(letter) || BLANK.test(letter))) {
      chosen.push(chosen[i - 1]);
      return;
    }
    const found = fonts.choose(letter, scripts[i]);
    if (!found && !BLANK.test(letter)) missing.add(letter);
    chosen.push(found ?? fonts.first(scripts[i]));
  });
  const breaks = breaksOf(letters);
  const lines = [];
  let rtl = null;
  let start = 0;
  for (let i = 0; i <= letters.length; i++) {
    if (i < letters.length && letters[i] !== '\n') continue;
    const text = letters.slice(start, i).join('');
    const levels = bidi.getEmbeddingLevels(text);
    rtl ??= text.trim() ? levels.paragraphs[0]?.level === 1 : null;
    for (const [from, to] of broken(start, i, letters, breaks, (a, b) => width(runsOf(a, b, chosen, scripts, text, start, levels, letters)), room)) {
      lines.push(runsOf(from, to, chosen, scripts, text, start, levels, letters));
    }
    start = i + 1;
  }
  return { lines, missing: [...missing], rtl: rtl ?? false };
}

/** Where a paragraph is broken so that no line is too long; a word that is too long by itself is cut. */
function* broken(start, end, letters, breaks, width, room) {
  let from = start;
  while (from < end && room !== Infinity && width(from, end) > room) {
    let to = from;
    for (let i = from + 1; i < end; i++) {
      if (!breaks.has(i)) continue;
      if (width(from, trimmed(from, i, letters)) > room) break;
      to = i;
    }
    if (to === from) {
      to = from + 1;
      while (to < end && (JOINS.test(letters[to]) || width(from, to + 1) <= room)) to++;
    }
    if (to >= end) break;
    yield [from, trimmed(from, to, letters)];
    from = to;
    while (from < end && letters[from] === ' ') from++;
  }
  yield [from, end];
}

/** Without the spaces at the end of a line. */
function trimmed(from, to, letters) {
  while (to > from && /\s/u.test(letters[to - 1])) to--;
  return to;
}

/** The runs of a line, from left to right, as operations keep them. */
function runsOf(from, to, chosen, scripts, text, start, levels, letters) {
  if (from >= to) return [];
  // The library counts UTF-16 units of the paragraph, runs count letters of the content.
  const units = [0];
  for (let i = start; units.length <= to - start; i++) units.push(units.at(-1) + letters[i].length);
  const level = (i) => levels.levels[units[i - start]];
  const runs = [];
  for (let i = from; i < to; i++) {
    const last = runs.at(-1);
    if (last && last.font === chosen[i] && last.script === scripts[i] && last.level === level(i)) last.end = i + 1;
    else runs.push({ start: i, end: i + 1, font: chosen[i], script: scripts[i], level: level(i) });
  }
  return visual(runs).map((run) => [run.start, run.end, run.font, run.script, run.level & 1]);
}

/** Rule L2: from the highest level down, what stands together is turned round. */
function visual(runs) {
  const out = [...runs];
  const levels = runs.map(({ level }) => level);
  const odd = levels.filter((level) => level & 1);
  for (let level = Math.max(...levels); odd.length && level >= Math.min(...odd); level--) {
    for (let i = 0; i < out.length; i++) {
      if (out[i].level < level) continue;
      let end = i;
      while (end < out.length && out[end].level >= level) end++;
      out.splice(i, end - i, ...out.slice(i, end).reverse());
      i = end;
    }
  }
  return out;
}
