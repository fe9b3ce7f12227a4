// What «Use» makes of a result: operations that are one step of the history, or a document of its own.
import { newId } from '../../worker/ids.js';
import { say } from '../say.js';
import { word } from '../words.js';

/** The answer of the server; a layer stands on top of all others, since the result shows what they show together. */
export async function used(app, { operations, document: address }) {
  if (address) {
    const link = { href: address, label: word('generate.open') };
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'success', message: word('generate.made'), link } }));
    return;
  }
  const layer = newId();
  const above = app.state.layers.at(-1)?.id ?? null;
  const steps = operations.map(({ kind, body }) => [kind, kind === 'layer.add' ? { ...body, layer, group: null, above } : body]);
  if (operations.some(({ kind }) => kind === 'layer.add')) app.wanted = layer;
  if (await app.doAll(steps)) say(word('generate.used'));
}
