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
  const grouped = operations.some(({ body }) => body.group_layer);
  const above = app.state.layers.at(-1)?.id ?? null;
  const steps = grouped ? inGroup(operations, layer, above) : operations.map(({ kind, body }) => [kind, kind === 'layer.add' ? { ...body, layer, group: null, above } : body]);
  if (operations.some(({ kind }) => kind === 'layer.add')) app.wanted = layer;
  if (await app.doAll(steps)) say(word('generate.used'));
}

/** A group and its layers, the lowest first; each stands above the one before it. */
function inGroup(operations, group, above) {
  let below = null;
  return operations.map(({ kind, body }) => {
    if (kind !== 'layer.add') return [kind, body];
    if (body.group_layer) return [kind, { ...body, layer: group, group: null, above }];
    const layer = newId();
    const step = [kind, { ...body, layer, group, above: below }];
    below = layer;
    return step;
  });
}
