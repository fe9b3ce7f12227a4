// The parts of the engine that are loaded, by name. later.js loads them, and so is imported by none of them.
export const loaded = {};

/** What parts have to know of the page: where the list of fonts is. */
export const page = { fonts: '' };

/** A part that `loadFor` of later.js has loaded. */
export const part = (name) => loaded[name];

/** Has what is drawn from descriptions drawn again where it comes to lie; `change` leads from a point of the document to the one before. */
export function followed(document, layers, change) {
  for (const name of ['shapes', 'text']) loaded[name]?.follow(document, layers, change);
}

/** The same where whole pixels were moved. */
export function followedBy(document, layers, dx, dy) {
  followed(document, layers, [1, 0, -dx, 0, 1, -dy, 0, 0, 1]);
}

/** Kinds of operations that change size and place. */
export const GEOMETRY = ['orient', 'crop', 'resize', 'straighten', 'transform', 'mesh'];

/** The part that does operations of a kind; undefined for what the document does itself. */
export function partFor(kind = 'stroke') {
  if (['open', 'canvas', 'stroke'].includes(kind)) return undefined;
  if (kind === 'flatten' || kind.startsWith('layer.')) return 'arranging';
  if (kind.startsWith('retouch.')) return 'retouch';
  if (kind === 'select') return 'choosing';
  return GEOMETRY.includes(kind) ? 'geometry' : 'painting';
}
