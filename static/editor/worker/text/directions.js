// Which way letters go where not all go from left to right, loaded with the first words of that kind: Unicode's bidirectional algorithm
// (UAX #9, by the names of its rules). tests/js compares it with a library, letter by letter.
import { kindOf, pairOf } from './turning.js';

const DEEPEST = 125;
const BEGINS = /^(LRI|RLI|FSI)$/; // an isolate
const NEUTRAL = /^(B|S|WS|ON|LRI|RLI|FSI|PDI)$/;
const BLANK = /^(WS|BN|LRI|RLI|FSI|PD[IF]|[LR][RL][EO])$/;
const sideOf = (level) => (level & 1 ? 'R' : 'L');
const asNeighbour = (kind) => (kind === 'EN' || kind === 'AN' ? 'R' : kind); // of what is neutral

/** The level of each letter of a paragraph, odd from right to left, and whether the paragraph itself goes that way. */
export function directionsOf(letters) {
  const marks = letters.map(kindOf);
  const ends = endsOf(marks);
  const base = firstOf(marks, ends, 0, marks.length);
  const { levels, kinds } = embedded(marks, ends, base);
  for (const { at, before, after } of sequencesOf(marks, kinds, ends, levels, base)) {
    const own = at.map((i) => kinds[i]);
    const side = sideOf(levels[at[0]]);
    weaken(own, before);
    pairUp(own, at.map((i) => letters[i]), at.map((i) => kinds[i]), side, before);
    fill(own, side, before, after);
    own.forEach((kind, i) => (levels[at[i]] += side === 'R' ? Number(kind !== 'R') : { L: 0, R: 1 }[kind] ?? 2));
  }
  kinds.forEach((kind, i) => kind === 'BN' && (levels[i] = levels[i - 1] ?? base));
  for (let i = marks.length - 1, ends = true; i >= 0; i--) { // L1
    ends = /^[BS]$/.test(marks[i]) || (ends && BLANK.test(marks[i]));
    if (ends) levels[i] = base;
  }
  return { levels, rtl: base === 1 };
}

/** BD9: where each isolate ends, by where it begins. */
function endsOf(marks) {
  const [ends, open] = [new Map(), []];
  marks.forEach((mark, i) => {
    if (BEGINS.test(mark)) open.push(i);
    if (mark === 'PDI' && open.length) ends.set(open.pop(), i);
  });
  return ends;
}

/** P2 and P3: 1 where the first letter that has a direction goes from right to left. What isolates hold doesn't count. */
function firstOf(marks, ends, from, to) {
  for (let i = from; i < to; i++) {
    if (marks[i] === 'L') return 0;
    if (marks[i] === 'R' || marks[i] === 'AL') return 1;
    if (BEGINS.test(marks[i])) i = ends.get(i) ?? to;
  }
  return 0;
}

/** X1 to X9: the level of each letter by the marks around it. What is overridden is of another kind, and marks don't count any more. */
function embedded(marks, ends, base) {
  const [levels, kinds, stack] = [[], [], [{ level: base }]];
  let [deep, deepIsolates, isolates] = [0, 0, 0]; // marks and isolates that lead too deep, and isolates that don't
  const push = (toRight, more) => {
    const level = (stack.at(-1).level + (toRight ? 1 : 2)) & ~1 | Number(toRight);
    const fits = level <= DEEPEST && !deep && !deepIsolates;
    if (fits) stack.push({ level, ...more });
    return fits;
  };
  marks.forEach((mark, i) => {
    if (mark === 'PDI' && deepIsolates) deepIsolates -= 1;
    else if (mark === 'PDI' && isolates) {
      [deep, isolates] = [0, isolates - 1];
      while (!stack.pop().isolate);
    } else if (mark === 'PDF' && deep && !deepIsolates) deep -= 1;
    else if (mark === 'PDF' && !deepIsolates && !stack.at(-1).isolate && stack.length > 1) stack.pop();
    const { level, over } = stack.at(-1);
    const embeds = /^[LR][RL][EO]$/.test(mark);
    levels.push(level);
    kinds.push(embeds || mark === 'PDF' || mark === 'BN' ? 'BN' : over ?? mark);
    if (embeds && !push(mark[0] === 'R', { over: mark[2] === 'O' ? mark[0] : undefined }) && !deepIsolates) deep += 1;
    if (!BEGINS.test(mark)) return;
    const toRight = mark === 'RLI' || (mark === 'FSI' && firstOf(marks, ends, i + 1, ends.get(i) ?? marks.length) === 1);
    if (push(toRight, { isolate: true })) isolates += 1;
    else deepIsolates += 1;
  });
  return { levels, kinds };
}

/** X10: letters that are looked at together, isolates left out, with the side of what stands before and after them. */
function sequencesOf(marks, kinds, ends, levels, base) {
  const counted = [...kinds.keys()].filter((i) => kinds[i] !== 'BN');
  const runs = new Map(); // by their first letter
  let run = [];
  counted.forEach((i, n) => {
    if (!n || levels[i] !== levels[counted[n - 1]]) {
      run = [];
      runs.set(i, run);
    }
    run.push(n);
  });
  const inner = new Set(ends.values());
  const level = (n) => levels[counted[n]] ?? base;
  return [...runs].filter(([i]) => !inner.has(i)).map(([, begun]) => {
    const numbers = [...begun];
    let last = counted[numbers.at(-1)];
    for (let next; (next = runs.get(ends.get(last))); last = counted[next.at(-1)]) numbers.push(...next);
    const [own, n] = [level(numbers[0]), numbers.at(-1) + 1];
    return {
      at: numbers.map((number) => counted[number]), before: sideOf(Math.max(own, level(numbers[0] - 1))), after: sideOf(Math.max(own, BEGINS.test(marks[last]) ? base : level(n))),
    };
  });
}

/** W1 to W7: marks, numbers and what stands around them. */
function weaken(own, before) {
  const back = (i, found) => {
    while (i >= 0 && !found.test(own[i])) i -= 1;
    return own[i] ?? before;
  };
  own.forEach((kind, i) => kind === 'NSM' && (own[i] = /I$/.test(own[i - 1]) ? 'ON' : own[i - 1] ?? before));
  own.forEach((kind, i) => kind === 'EN' && back(i, /^(R|L|AL)$/) === 'AL' && (own[i] = 'AN'));
  own.forEach((kind, i) => kind === 'AL' && (own[i] = 'R'));
  own.forEach((kind, i) => {
    if ((kind === 'ES' || kind === 'CS') && own[i - 1] === own[i + 1] && (own[i - 1] === 'EN' || (kind === 'CS' && own[i - 1] === 'AN'))) own[i] = own[i - 1];
  });
  for (let i = 0, to; i < own.length; i = to + 1) {
    for (to = i; own[to] === 'ET';) to += 1;
    if (own[i - 1] === 'EN' || own[to] === 'EN') own.fill('EN', i, to);
  }
  own.forEach((kind, i) => /^(ES|ET|CS)$/.test(kind) && (own[i] = 'ON'));
  own.forEach((kind, i) => kind === 'EN' && back(i, /^[RL]$/) === 'L' && (own[i] = 'L'));
}

/** N0: brackets that belong together go the way of what they hold. was: the kinds before `weaken`. */
function pairUp(own, letters, was, side, before) {
  for (const [from, to] of pairsOf(own, letters)) {
    const held = new Set(own.slice(from + 1, to).map(asNeighbour));
    const other = side === 'R' ? 'L' : 'R';
    let found = held.has(side) ? side : null;
    if (!found && held.has(other)) {
      let i = from - 1;
      while (i >= 0 && !/^[RL]$/.test(asNeighbour(own[i]))) i -= 1;
      found = (i < 0 ? before : asNeighbour(own[i])) === other ? other : side;
    }
    if (!found) continue;
    for (let at of [from, to]) do own[at++] = found; while (was[at] === 'NSM');
  }
}

/** BD16: brackets that belong together, in the order of the first ones. */
function pairsOf(own, letters) {
  const [pairs, open] = [[], []];
  for (let i = 0; i < own.length; i++) {
    const { closes, is } = (own[i] === 'ON' && pairOf(letters[i])) || {};
    if (is && open.push({ i, is }) > 63) return [];
    const n = closes ? open.findLastIndex((each) => each.is === closes) : -1;
    if (n >= 0) pairs.push([open.splice(n)[0].i, i]);
  }
  return pairs.sort(([a], [b]) => a - b);
}

/** N1 and N2: what is neutral goes the way of both its neighbours, or else of its level. */
function fill(own, side, before, after) {
  for (let i = 0, to; i < own.length; i = to + 1) {
    for (to = i; NEUTRAL.test(own[to]);) to += 1;
    const [left, right] = [own[i - 1] ?? before, own[to] ?? after].map(asNeighbour);
    own.fill(left === right ? left : side, i, to);
  }
}

/** A line's runs from left to right. Rule L2: from the highest level down, what stands together is turned round. */
export function visual(runs) {
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
