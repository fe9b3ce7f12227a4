import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaced } from '../../static/js/elements/prompt-help.js';

test('a word is replaced wherever it stands as one, and nothing else is', () => {
  assert.equal(replaced('Sailbot, sailbots and a sailbot!', 'sailbot', 'sailboat'), 'sailboat, sailbots and a sailboat!');
  assert.equal(replaced('über Übermut', 'über', '$& over'), '$& over Übermut');
  assert.equal(replaced('le châteu', 'châteu', 'château'), 'le château');
});
