// Replays documents in node: reads a JSON file of operation lists and prints what replaying.mjs says of them.
import { readFile } from 'node:fs/promises';
import { kernelFiles } from './kernel-files.mjs';
import { replayed } from './replaying.mjs';

const [file, build] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await replayed(kernelFiles(build), JSON.parse(await readFile(file)))));
