import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { differing } from '../editor/kernel-vectors.mjs';

const folder = new URL('../../editor/kernels/', import.meta.url);
const vectors = JSON.parse(await readFile(new URL('vectors.json', folder)));

for (const name of ['k1.wasm', 'k1s.wasm']) {
  test(`${name} gives the frozen bytes in node`, async () => {
    assert.ok(vectors.length > 100);
    assert.deepEqual(await differing(await readFile(new URL(name, folder)), vectors), []);
  });
}
