// The parts of the engine that are loaded, by name. later.js loads them, and so is imported by none of them.
export const loaded = {};

/** A part that `loadFor` of later.js has loaded. */
export const part = (name) => loaded[name];
