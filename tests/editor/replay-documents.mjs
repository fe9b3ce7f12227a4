// Replays documents in node: reads a JSON file of operation lists and prints what replaying.mjs says of them.
import { readFile } from 'node:fs/promises';
import { replayed } from './replaying.mjs';

const [file, wasm] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await replayed(await readFile(wasm), JSON.parse(await readFile(file)))));
