// Parts of the engine that most documents never need: each is loaded before the first operation that does.
import { Impossible } from './layers.js';

const PARTS = { erase: () => import('./erase.js'), quick: () => import('./quick.js') };
const loaded = {};

const wantedBy = ({ kind, body }) => (kind === 'erase' ? 'erase' : kind === 'select' && body.shape === 'quick' ? 'quick' : null);

/** A part that `loadFor` has loaded. */
export const part = (name) => loaded[name];

/** Loads what operations need. */
export async function loadFor(operations) {
  for (const name of new Set(operations.map(wantedBy))) {
    if (!name || loaded[name]) continue;
    loaded[name] = await PARTS[name]().catch(() => {
      throw new Impossible("The server can't be reached. Try again when you're connected.");
    });
  }
}
