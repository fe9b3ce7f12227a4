// Parts of the engine that most documents never need: each is loaded before the first operation that does.
import { Impossible } from './layers.js';
import { partFor, loaded } from './parts.js';

const PARTS = {
  adjustments: () => import('./adjustments.js'), arranging: () => import('./arranging.js'), choosing: () => import('./choosing.js'), painting: () => import('./painting.js'), erase: () => import('./erase.js'), filling: () => import('./filling.js'),
  filter: () => import('./filters.js'), geometry: () => import('./geometry.js'), mesh: () => import('./bending.js'), quick: () => import('./quick.js'), select: () => import('./selecting.js'),
  retouch: () => import('./retouch/all.js'), shapes: () => import('./shapes/drawing.js'), text: () => import('./text/texts.js'), transform: () => import('./projecting.js'), trying: () => import('./trying.js'),
};
/** The kernels that a part calls and that aren't there from the beginning. */
const KERNELS = { erase: 'areas', filter: 'areas', geometry: 'areas', quick: 'areas', retouch: 'retouch', shapes: 'paths', text: 'paths' };

const FILLING = ['fill', 'gradient', 'clear', 'move', 'layer.mask'];

const wantedBy = ({ kind, body }) => [
  partFor(kind), body.adjust && 'adjustments', kind?.startsWith('layer.') && body.shape && 'shapes', kind?.startsWith('layer.') && body.text && 'text', PARTS[kind] && kind, kind === 'select' && body.shape === 'quick' && 'quick', (kind === 'layer.mask' || body.mask) && 'select',
  (FILLING.includes(kind) || (kind === 'open' && body.rgba && body.rgba >>> 24 < 255)) && 'filling', body.keep && 'geometry',
];

/** Loads what operations need. */
export async function loadFor(operations, kernels) {
  for (const name of new Set(operations.flatMap(wantedBy))) {
    if (name) loaded[name] = await load(name, kernels);
  }
  for (const { body } of operations) if (body.text?.lines) await loaded.text.loadFor(body.text);
}

/** What an import gives; one that fails is a sentence, since everything that is imported is there while the server is. */
export const reached = (imported) => imported.catch(() => {
  throw new Impossible("The server can't be reached. Try again when you're connected.");
});

async function load(name, kernels) {
  const [module] = await reached(Promise.all([loaded[name] ?? PARTS[name](), KERNELS[name] && kernels.add(KERNELS[name])]));
  return module;
}
