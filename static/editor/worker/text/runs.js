// From words to lines of runs: where lines break, which way letters go, which font has them. It is found once, when a text is
// written, and saved; nothing is found again when it is drawn, on whatever machine.

const SCRIPTS = { Latn: 'Latin', Cyrl: 'Cyrillic', Grek: 'Greek', Arab: 'Arabic', Hebr: 'Hebrew', Deva: 'Devanagari', Hani: 'Han', Hira: 'Hiragana', Kana: 'Katakana', Hang: 'Hangul', Bopo: 'Bopomofo' };
const TESTS = Object.entries(SCRIPTS).map(([name, script]) => [name, new RegExp(`\\p{Script_Extensions=${script}}`, 'u'), new RegExp(`\\p{Script=${script}}`, 'u')]);
const JOINS = /[\p{Mark}\u200c\u200d\ufe0f]/u; // never apart from the letter before
const BLANK = /[\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const CLOSES = /[\p{Close_Punctuation}\p{Final_Punctuation}、。，．！？：；…]/u;

// What has another direction than from left to right, or says one: blocks of scripts and the marks for it. bidi-js knows no further ones.
const TURNS = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/u;

/** Whether a content needs directions.js; without it all goes from left to right. */
export const turns = (content) => TURNS.test(content);

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
 * width(runs): how long they would be; room: how long a line may be, or Infinity; directions: directions.js, where the content needs it. */
export function linesOf(content, fonts, width, room, directions) {
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
  let rtl;
  let start = 0;
  for (let i = 0; i <= letters.length; i++) {
    if (i < letters.length && letters[i] !== '\n') continue;
    const found = directions?.directionsOf(letters.slice(start, i));
    if (found && letters.slice(start, i).join('').trim()) rtl ??= found.rtl;
    const runs = (from, to) => runsOf(from, to, chosen, scripts, (at) => found?.levels[at - start] ?? 0);
    const line = (from, to) => directed(directions?.visual(runs(from, to)) ?? runs(from, to));
    for (const [from, to] of broken(start, i, letters, breaks, (from, to) => width(line(from, to)), room)) lines.push(line(from, to));
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

/** The runs of a line, in the order of its letters. */
function runsOf(from, to, chosen, scripts, levelAt) {
  const runs = [];
  for (let i = from; i < to; i++) {
    const last = runs.at(-1);
    const level = levelAt(i);
    if (last && last.font === chosen[i] && last.script === scripts[i] && last.level === level) last.end = i + 1;
    else runs.push({ start: i, end: i + 1, font: chosen[i], script: scripts[i], level });
  }
  return runs;
}

/** Runs as operations keep them. */
const directed = (runs) => runs.map(({ start, end, font, script, level }) => [start, end, font, script, level & 1]);
