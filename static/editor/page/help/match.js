// How well a name fits what was typed: letters may be missing, and words may stand in any order.

const MOST_LEAPT = 6;
const OF_GROUP = 400; // what a name is worth more than its group
const MARKS = /\p{Mn}/gu;
const AMERICAN = [[/our\b/g, 'or'], [/ise\b/g, 'ize'], [/\bgrey/g, 'gray']];

/** Without accents and capitals, and alike in British and American spelling. */
export function plain(text) {
  const bare = text.normalize('NFD').replace(MARKS, '').toLowerCase();
  return AMERICAN.reduce((words, [from, to]) => words.replace(from, to), bare);
}

const begins = (text, at) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);

/** What one typed word is worth in a name, or null where it isn't in it. */
function worth(part, name) {
  const at = name.indexOf(part);
  const starts = [...name.matchAll(/[\p{L}\p{N}]+/gu)].find(({ index }) => name.startsWith(part, index));
  if (starts) return 300 - starts.index;
  if (at >= 0) return 200 - at;
  return scattered(part, name);
}

/** Letters in their order with others between; the first begins a word, and each leap that doesn't end at a word's first letter costs. */
function scattered(part, name) {
  let cost = 0;
  let from = [...name].findIndex((letter, at) => letter === part[0] && begins(name, at));
  if (from < 0) return null;
  for (const letter of part.slice(1)) {
    const at = name.indexOf(letter, from + 1);
    if (at < 0) return null;
    if (!begins(name, at)) cost += at - from - 1;
    from = at;
  }
  return cost > MOST_LEAPT ? null : 100 - cost;
}

/** How well a name fits, higher is better; null where it doesn't. */
export function fit(typed, name) {
  const words = plain(name);
  let sum = 0;
  for (const part of plain(typed).split(/\s+/).filter(Boolean)) {
    const found = worth(part, words);
    if (found === null) return null;
    sum += found;
  }
  return sum - words.length / 100;
}

/** The entries that fit, best first; those that fit alike stay in their order. */
export function ranked(typed, entries) {
  return entries
    .map((entry) => ({ entry, rank: rankOf(typed, entry) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => (typed.trim() ? b.rank - a.rank : 0))
    .map(({ entry }) => entry);
}

function rankOf(typed, { name, group }) {
  const own = fit(typed, name);
  if (own !== null) return own;
  const both = fit(typed, `${name} ${group}`);
  return both === null ? null : both - OF_GROUP;
}
