import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { commandsOf } from '../../static/editor/page/commands.js';
import { SAMPLES } from '../../static/editor/page/effects/samples.js';
import { groupOf, namesOf } from '../../static/editor/page/help/entries.js';
import { ranked } from '../../static/editor/page/help/match.js';
import { FIELDS, pointsOf } from '../../static/editor/page/numbers.js';
import { say, sayIn } from '../../static/editor/page/say.js';
import { allTools } from '../../static/editor/page/tools/all.js';

const WORDS = ['_words', '_words_of_help', '_words_of_effects', '_words_of_geometry', '_words_of_shapes', '_words_of_texts', '_words_of_retouching'];

test('the palette finds a name by some of its letters, the best first', () => {
  const names = ['Fill', 'Flow', 'Gaussian blur', 'Box blur', 'Grow selection', 'Invert selection', 'Invert', 'Colour range', 'Posterise', 'Rectangle selection', 'Échelle'];
  const entries = names.map((name) => ({ name, group: /blur/.test(name) ? 'Adjustments and filters' : 'Tools' }));
  const found = (typed) => ranked(typed, entries).map(({ name }) => name);
  assert.deepEqual(found('  '), names);
  assert.deepEqual(found('invert'), ['Invert', 'Invert selection']);
  assert.deepEqual(found('SEL inv'), ['Invert selection']);
  assert.deepEqual(found('gblr'), ['Gaussian blur']);
  assert.deepEqual(found('blur').sort(), ['Box blur', 'Gaussian blur']);
  assert.deepEqual(found('color'), ['Colour range']);
  assert.deepEqual(found('posterize'), ['Posterise']);
  assert.deepEqual(found('echelle'), ['Échelle']);
  assert.deepEqual(found('filters box'), ['Box blur']);
  assert.deepEqual(found('xyz'), []);
  assert.ok(found('rs').includes('Rectangle selection'));
});

test('the palette has every command, and each of them has a name and a group', async () => {
  const commands = commandsOf({});
  const names = namesOf({ commands });
  const list = (await Promise.all(WORDS.map((name) => readFile(new URL(`../../templates/editor/${name}.html`, import.meta.url), 'utf8')))).join('');
  for (const name of names) {
    assert.ok(list.includes(`data-word="${name}"`), name);
    assert.ok(list.includes(`data-word="keys.${groupOf(name)}"`), `${name}: ${groupOf(name)}`);
  }
  const left = Object.keys(commands).filter((name) => !names.includes(name));
  assert.deepEqual(left.filter((name) => !name.startsWith('adjust.')), ['palette']);
  assert.deepEqual(left.filter((name) => name.startsWith('adjust.')).filter((name) => !(name.slice(7) in SAMPLES)), []);
});

test('what a tool does on the picture can be typed', () => {
  const own = ['crop', 'transform', 'mesh', 'shape', 'pen', 'generate.extend']; // in their panels
  const none = ['upscale', 'remove_background', 'layers', 'variations', 'instruct', 'reference'].map((name) => `generate.${name}`); // nothing is drawn
  assert.deepEqual([...allTools().keys()].filter((name) => !(name in FIELDS)).sort(), [...own, ...none].sort());
  assert.deepEqual(pointsOf({ x: '1', y: '2', x2: '3', y2: '4', more: '5, 6\n7 8\n9' }), [[1, 2], [3, 4], [5, 6], [7, 8]]);
  assert.deepEqual(pointsOf({ x: '1', y: '2' }), [[1, 2]]);
});

test('what is said at the same moment is said together, and what is newer comes in its place', async () => {
  const region = { textContent: '' };
  sayIn(region);
  say('Done: Fill.', true);
  say('2 layers.', true);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(region.textContent, 'Done: Fill. 2 layers.');
  say('Done: Delete layer.', true);
  say('Layer 2 was deleted.');
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(region.textContent, 'Layer 2 was deleted.');
  sayIn(null);
});
