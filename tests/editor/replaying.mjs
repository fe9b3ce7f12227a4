// Replays documents by the browser's engine: for each what became of every operation, and the digest. Used by node and by a
// page in Chromium. A document is { operations: [{ kind, body, blob: base64 }], pictures: { name: base64 of a PNG } }.
import { Document } from '../../static/editor/worker/document.js';
import { Kernels } from '../../static/editor/worker/kernels.js';
import { loadFor } from '../../static/editor/worker/later.js';
import { Impossible } from '../../static/editor/worker/layers.js';
import { decode } from '../../static/editor/worker/png.js';

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** files: what Kernels.load takes. */
export async function replayed(files, documents) {
  const kernels = await Kernels.load(files);
  const results = [];
  for (const { operations, pictures } of documents) {
    const known = new Map();
    for (const [name, png] of Object.entries(pictures)) known.set(name, await decode(kernels, bytesOf(png)));
    const document = new Document(kernels, (name) => known.get(name));
    await loadFor(operations, kernels);
    const refused = [];
    operations.forEach(({ kind, body, blob }, index) => {
      try {
        document.apply({ kind, body, blob: bytesOf(blob) });
      } catch (error) {
        if (!(error instanceof Impossible)) throw new Error(`${index} ${kind}: ${error.stack}`);
        refused.push([index, error.message]);
      }
    });
    if (kernels.next !== kernels.begin) throw new Error('room was not given back');
    results.push({ digest: await document.digest(), refused, size: document.size, selection: document.selection?.tiles.size ?? null });
  }
  return results;
}
