// Replays documents in node: reads a JSON file { fonts: the server's list, with paths as addresses, documents } and prints what replaying.mjs says of them.
import { readFile } from 'node:fs/promises';
import { useFonts } from '../../static/editor/worker/text/fonts.js';
import { kernelFiles } from './kernel-files.mjs';
import { replayed } from './replaying.mjs';

const [file, build] = process.argv.slice(2);
const { fonts, documents } = JSON.parse(await readFile(file));
useFonts({ list: async () => fonts, file: async (path) => new Uint8Array(await readFile(path)) });
process.stdout.write(JSON.stringify(await replayed(kernelFiles(build), documents)));
