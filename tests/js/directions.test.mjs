// The editor's own directions of letters against a library that brings Unicode's tables with it (those of version 13).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import bidiFactory from './vendor/bidi-js-1.1.0.js';
import * as directions from '../../static/editor/worker/text/directions.js';
import { linesOf, turns } from '../../static/editor/worker/text/runs.js';
import { kindOf, pairOf } from '../../static/editor/worker/text/turning.js';

const bidi = bidiFactory();
const TURNING = new Set(['R', 'AL', 'AN', 'LRE', 'LRO', 'RLE', 'RLO', 'PDF', 'LRI', 'RLI', 'FSI', 'PDI']);
const LATER = /[\u0870-\u088f\u0890-\u089f\u08c8-\u08d2\u1ac1-\u1aeb\u1dfa\u2b96\u2e53-\u2e5d\u2ffc-\u2fff\u31e4\u31e5\u31ef\u{1f6d8}\u{1f6dc}-\u{1f6df}\u{1f774}-\u{1f77f}\u{1f7d9}\u{1f7f0}\u{1f8b2}-\u{1f8d8}\u{1f979}\u{1f9cc}\u{1fa54}-\u{1fa57}\u{1fa75}-\u{1faff}\u{1fbcb}-\u{1fbef}\u{1fbfa}]/u; // than version 13
const WRITTEN = ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Devanagari', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Common', 'Inherited'];
const IS_WRITTEN = new RegExp(`[${WRITTEN.map((name) => `\\p{Script=${name}}`).join('')}]`, 'u');
const FONTS = { choose: () => 'font', first: () => 'font' };
const width = (runs) => runs.reduce((sum, [start, end]) => sum + end - start, 0);
const laidOut = (content, room, way) => linesOf(content, FONTS, width, room, way);
const between = (from, to) => Array.from({ length: to - from }, (_, i) => String.fromCodePoint(from + i));
const EVERY = [...between(0, 0xd800), ...between(0xe000, 0x10000)];

test('each letter that a font here may have is of the class that Unicode gives it', () => {
  const letters = [...EVERY, ...between(0x1f000, 0x20000)].filter((letter) => IS_WRITTEN.test(letter) && !/\p{Cn}/u.test(letter) && !LATER.test(letter));
  assert.ok(letters.length > 30_000);
  assert.deepEqual(letters.filter((letter) => kindOf(letter) !== bidi.getBidiCharTypeName(letter)), []);
});

test('brackets belong together as Unicode has them', () => {
  const letters = EVERY.filter((letter) => !LATER.test(letter));
  assert.deepEqual(letters.filter((letter) => Boolean(pairOf(letter)?.is) !== Boolean(bidi.openingToClosingBracket(letter))), []);
  assert.deepEqual(letters.filter((letter) => Boolean(pairOf(letter)?.closes) !== Boolean(bidi.closingToOpeningBracket(letter))), []);
  const open = letters.filter((letter) => pairOf(letter)?.is);
  assert.ok(open.length > 50);
  assert.deepEqual(open.filter((letter) => pairOf(bidi.openingToClosingBracket(letter)).closes !== pairOf(letter).is), []);
});

test('random paragraphs have the levels that the library gives them', () => {
  const marks = between(0x202a, 0x202f).concat(between(0x2066, 0x206a), '\u200e', '\u200f', '\u00ad', '\u200d', '\u0591', '\u064b');
  const pool = [...'abאבגاب12٣٤+-,.:#%$()[]{}<>«»!? \t', ...marks];
  let seed = 17;
  const below = (most) => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) % most;
  const counts = (letter) => !/^(BN|[LR][RL][EO]|PDF)$/.test(kindOf(letter)); // where marks stand is never seen
  for (let round = 0; round < 4000; round++) {
    const letters = Array.from({ length: 1 + below(30) }, () => pool[below(997) % pool.length]);
    const { levels, paragraphs } = bidi.getEmbeddingLevels(letters.join(''));
    const found = directions.directionsOf(letters);
    const seen = (all) => letters.flatMap((letter, i) => (counts(letter) ? [all[i]] : []));
    assert.deepEqual([seen(found.levels), found.rtl], [seen(levels), paragraphs[0].level === 1], JSON.stringify(letters.join('')));
  }
});

test('marks that lead deeper than there are levels change nothing and are counted', () => {
  const deep = [...'\u202b'.repeat(130), 'a', ...'\u202c'.repeat(130), 'b', ...'\u2067'.repeat(130), 'c', ...'\u2069'.repeat(130), 'd'];
  const { levels } = bidi.getEmbeddingLevels(deep.join(''));
  const found = directions.directionsOf(deep).levels;
  for (const letter of 'abcd') assert.equal(found[deep.indexOf(letter)], levels[deep.indexOf(letter)], letter);
});

test('whatever has or says another direction than from left to right needs them', () => {
  const turning = EVERY.filter((letter) => TURNING.has(bidi.getBidiCharTypeName(letter)));
  assert.ok(turning.length > 1000);
  assert.deepEqual(turning.filter((letter) => !turns(letter)), []);
});

test('words that need none have the lines that they have with them', () => {
  const weak = EVERY.filter((letter) => !turns(letter) && bidi.getBidiCharTypeName(letter) !== 'L');
  assert.ok(weak.length > 1000);
  for (let from = 0; from < weak.length; from += 50) {
    const content = weak.slice(from, from + 50).join('');
    for (const words of [`${content}1`, `a${content}1`]) assert.deepEqual(laidOut(words, Infinity), laidOut(words, Infinity, directions));
  }
  for (const content of ['', '\n', ' 12, 34% (a) \u{1f600}5', '7\n\n"b"', '\u{10900}1 a']) {
    assert.deepEqual(laidOut(content, 3), laidOut(content, 3, directions));
  }
});

test('runs stand from left to right though their words go the other way', () => {
  const { lines: [runs], rtl } = laidOut('\u05d0\u05d1 12 \u{1f600}b', Infinity, directions);
  assert.equal(rtl, true);
  assert.deepEqual(runs.map(([start, end, , , odd]) => [start, end, odd]), [[7, 8, 0], [5, 7, 1], [3, 5, 0], [0, 3, 1]]);
});

test('two letters of a flag stay in their order among words from right to left', () => {
  const { lines: [runs] } = laidOut('\u05d0 \u{1f1ee}\u{1f1f1} \u05d1', Infinity, directions);
  assert.deepEqual(runs.map(([start, end, , , odd]) => [start, end, odd]), [[4, 6, 1], [2, 4, 0], [0, 2, 1]]);
});
