import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { differing } from '../editor/kernel-vectors.mjs';

const folder = new URL('../../editor/kernels/', import.meta.url);
const vectors = JSON.parse(await readFile(new URL('vectors.json', folder)));

const names = (await readdir(folder)).filter((name) => name.endsWith('.wasm'));

for (const build of ['k1', 'k1s']) {
  test(`${build} gives the frozen bytes in node`, async () => {
    assert.ok(vectors.length > 100);
    const files = names.filter((name) => name.split(/[-.]/)[0] === build).map((name) => readFile(new URL(name, folder)));
    assert.deepEqual(await differing(await Promise.all(files), vectors), []);
  });
}
