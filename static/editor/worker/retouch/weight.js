// What strokes of liquify cost, and how much of it goes into one operation, so that the server takes it: editor/log/paths.py.

export const MOST_BENT = 20_000_000; // of a stroke
export const MOST_GATHERED = 60_000_000; // of those before it that it restores: together what the server takes at once
const DABS = 1_700; // where dabs are small, their number counts: so many pixels of radius

/** The way of the pen in pixels and a dab at its begin, times the radius. */
export function workOf(radius16, way) {
  const radius = Math.max(4, radius16 / 16);
  return (way + radius / 8) * Math.max(radius, DABS / radius);
}
