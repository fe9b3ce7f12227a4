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
