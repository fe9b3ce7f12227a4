// Parts of the engine that most documents never need: each is loaded before the first operation that does.
import { Impossible } from './layers.js';

const PARTS = {
  adjustments: () => import('./adjustments.js'), erase: () => import('./erase.js'), filter: () => import('./filters.js'),
  quick: () => import('./quick.js'), select: () => import('./selecting.js'),
};
const loaded = {};

const wantedBy = ({ kind, body }) => [
  body.adjust && 'adjustments', PARTS[kind] && kind, kind === 'select' && body.shape === 'quick' && 'quick', (kind === 'layer.mask' || body.mask) && 'select',
];

/** A part that `loadFor` has loaded. */
export const part = (name) => loaded[name];

/** Loads what operations need. */
export async function loadFor(operations) {
  for (const name of new Set(operations.flatMap(wantedBy))) {
    if (!name || loaded[name]) continue;
    loaded[name] = await PARTS[name]().catch(() => {
      throw new Impossible("The server can't be reached. Try again when you're connected.");
    });
  }
}
