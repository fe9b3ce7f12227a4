// A grid of handles over a box, as numbers: where they are, and where what lies between them is. Pure.
// The worker has the same in whole numbers (editor/kernels/k1/mesh.c); what is drawn over the picture needs no more than this.

export const UNIT = 16; // of a pixel: how far a handle was moved is rounded to it
const FARTHEST = 16_384; // pixels

export const still = (parts) => Array.from({ length: (parts + 1) ** 2 }, () => ({ x: 0, y: 0 }));

/** Where a handle is when it isn't moved. */
export function restOf([x0, y0, x1, y1], parts, index) {
  return { x: x0 + ((index % (parts + 1)) * (x1 - x0)) / parts, y: y0 + (Math.floor(index / (parts + 1)) * (y1 - y0)) / parts };
}

/** How far a handle may be moved: in whole units. */
export const rounded = ({ x, y }) => {
  const whole = (v) => Math.max(-FARTHEST, Math.min(FARTHEST, Math.round(v * UNIT) / UNIT)) + 0;
  return { x: whole(x), y: whole(y) };
};

/** How far a place of the box is moved whose shares of width and height are u and v (Catmull-Rom). */
export function movedAt(moved, parts, u, v) {
  const [column, along] = spline(u * parts, parts);
  const [row, down] = spline(v * parts, parts);
  const out = { x: 0, y: 0 };
  for (const axis of ['x', 'y']) {
    const rows = [0, 1, 2, 3].map((b) => {
      const line = (a) => beside(a, parts, (c) => beside(row - 1 + b, parts, (r) => moved[r * (parts + 1) + c][axis]));
      return along.reduce((sum, share, a) => sum + share * line(column - 1 + a), 0);
    });
    out[axis] = down.reduce((sum, share, b) => sum + share * rows[b], 0);
  }
  return out;
}

function spline(at, parts) {
  const k = Math.min(Math.floor(at), parts - 1);
  const t = at - k;
  return [k, [(-t + 2 * t ** 2 - t ** 3) / 2, (2 - 5 * t ** 2 + 3 * t ** 3) / 2, (t + 4 * t ** 2 - 3 * t ** 3) / 2, (t ** 3 - t ** 2) / 2]];
}

/** A handle beside the grid lies as far out as the two before it lie apart. */
const beside = (k, parts, value) => (k < 0 ? 2 * value(0) - value(1) : k > parts ? 2 * value(parts) - value(parts - 1) : value(k));

/** The same bend with another number of parts. */
export function regrid(moved, parts, next) {
  return still(next).map((_, i) => rounded(movedAt(moved, parts, (i % (next + 1)) / next, Math.floor(i / (next + 1)) / next)));
}

/** The lines of the grid, each a list of places. */
export function linesOf(box, moved, parts, steps = 8) {
  const [x0, y0, x1, y1] = box;
  const at = (u, v) => {
    const by = movedAt(moved, parts, u, v);
    return { x: x0 + u * (x1 - x0) + by.x, y: y0 + v * (y1 - y0) + by.y };
  };
  const count = parts * steps;
  const line = (place) => Array.from({ length: count + 1 }, (_, i) => place(i / count));
  return Array.from({ length: parts + 1 }, (_, k) => k / parts).flatMap((share) => [line((t) => at(t, share)), line((t) => at(share, t))]);
}

/** How many pixels the boxes around the parts of a grid have together, or that around all has where it is more, as editor/replay/geometry/meshing.py counts them. */
export function costOf(box, moved, parts) {
  const side = parts + 1;
  const at = moved.map((by, i) => {
    const { x, y } = restOf(box, parts, i);
    return [x + by.x, y + by.y];
  });
  const corners = Array.from({ length: parts * parts }, (_, k) => Math.floor(k / parts) * side + (k % parts)).map((i) => [i, i + 1, i + side, i + side + 1].map((k) => at[k]));
  const span = (some, axis) => Math.max(...some.map((p) => p[axis])) - Math.min(...some.map((p) => p[axis])) + 2;
  const boxOf = (some) => span(some, 0) * span(some, 1);
  return Math.max(boxOf(at), corners.reduce((sum, four) => sum + boxOf(four), 0));
}

/** What an operation `mesh` holds besides the layer. */
export function bodyOf([x0, y0, x1, y1], moved, parts, method) {
  return { x0, y0, x1, y1, columns: parts, rows: parts, points: moved.flatMap(({ x, y }) => [x * UNIT, y * UNIT]), method };
}
