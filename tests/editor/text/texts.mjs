// Texts by the browser's engine in node, with the fonts of this machine. The file named first holds
// { fonts: the server's list, with paths as addresses, drafts: [texts without lines], documents }; see replaying.mjs.
import { readFile } from 'node:fs/promises';
import { useFonts } from '../../../static/editor/worker/text/fonts.js';
import { lines } from '../../../static/editor/worker/text/texts.js';
import { kernelFiles } from '../kernel-files.mjs';
import { replayed } from '../replaying.mjs';

const { fonts, drafts, documents } = JSON.parse(await readFile(process.argv[2], 'utf8'));
useFonts({ list: async () => fonts, file: async (path) => new Uint8Array(await readFile(path)) });
const found = [];
for (const text of drafts) found.push(await lines(text));
console.log(JSON.stringify({ lines: found, documents: await replayed(kernelFiles(process.argv[3]), documents) }));
