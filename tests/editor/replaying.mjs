// Replays documents by the browser's engine: for each what became of every operation, and the digest. Used by node and by a
// page in Chromium. A document is a list of { kind, body, blob: base64 }.
import { Document } from '../../static/editor/worker/document.js';
import { Kernels } from '../../static/editor/worker/kernels.js';
import { loadFor } from '../../static/editor/worker/later.js';
import { Impossible } from '../../static/editor/worker/layers.js';

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export async function replayed(wasm, documents) {
  const kernels = await Kernels.load(wasm);
  const results = [];
  for (const operations of documents) {
    const document = new Document(kernels, () => { throw new Impossible('unknown'); });
    await loadFor(operations);
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
