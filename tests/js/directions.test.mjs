import assert from 'node:assert/strict';
import { test } from 'node:test';
import bidiFactory from '../../static/editor/vendor/bidi-js-1.1.0.js';
import * as directions from '../../static/editor/worker/text/directions.js';
import { linesOf, turns } from '../../static/editor/worker/text/runs.js';

const bidi = bidiFactory();
const TURNING = new Set(['R', 'AL', 'AN', 'LRE', 'LRO', 'RLE', 'RLO', 'PDF', 'LRI', 'RLI', 'FSI', 'PDI']);
const FONTS = { choose: () => 'font', first: () => 'font' };
const width = (runs) => runs.reduce((sum, [start, end]) => sum + end - start, 0);
const laidOut = (content, room, way) => linesOf(content, FONTS, width, room, way);
const EVERY = Array.from({ length: 0xd800 }, (_, i) => String.fromCharCode(i)).concat(Array.from({ length: 0x2000 }, (_, i) => String.fromCharCode(0xe000 + i)));

test('whatever has or says another direction than from left to right needs the library', () => {
  const turning = EVERY.filter((letter) => TURNING.has(bidi.getBidiCharTypeName(letter)));
  assert.ok(turning.length > 1000);
  assert.deepEqual(turning.filter((letter) => !turns(letter)), []);
});

test('without the library words that need none have the lines that they have with it', () => {
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
  assert.deepEqual(runs.map(([start, end, , , odd]) => [start, end, odd]), [[6, 7, 0], [7, 8, 0], [5, 6, 1], [3, 5, 0], [0, 3, 1]]);
});
