// Where a layer that is drawn from a description stands: its own plane, and the document's, by a projection. The twin of
// editor/replay/geometry/following.py. A place is nine BigInts, from a point of the document to the one of the layer's own plane.

export const STRAIGHT = [1n, 0n, 0n, 0n, 1n, 0n, 0n, 0n, 1n];
const MOST_BITS = 62;

/** A place once the document has changed; `change`, of numbers or BigInts, leads from a point afterwards to the one before. */
export function after(place, change) {
  const by = change.map(BigInt);
  let made = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => [0, 1, 2].reduce((sum, k) => sum + place[3 * row + k] * by[3 * k + column], 0n)));
  const common = made.reduce(divisor);
  if (common > 1n) made = made.map((value) => value / common);
  const more = Math.max(...made.map((value) => (value ? size(value).toString(2).length : 0))) - MOST_BITS;
  return more > 0 ? made.map((value) => value >> BigInt(more)) : made;
}

const size = (value) => (value < 0n ? -value : value);

function divisor(a, b) {
  let [x, y] = [size(a), size(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}

/** n / d, rounded down. */
function quotient(n, d) {
  const q = n / d;
  return n % d && (n < 0n) !== (d < 0n) ? q - 1n : q;
}

const determinant = (place) => place[0] * place[4] - place[1] * place[3];

/** Whether parallel lines stay parallel, so that outlines can be drawn where they come to lie. */
export const isAffine = (place) => place[6] === 0n && place[7] === 0n && place[8] !== 0n && determinant(place) !== 0n;

/** The way from the layer's plane to the document: six numbers in 2^-32, as the kernels' `path_fill` takes it. */
export function forward(place) {
  const [a, b, c, d, e, f, , , i] = place;
  const det = determinant(place);
  return [e * i, -b * i, b * f - c * e, -d * i, a * i, c * d - a * f].map((value) => quotient(value << 32n, det));
}

/** The change that moves everything by whole pixels. */
export const moved = (dx, dy) => [1, 0, -dx, 0, 1, -dy, 0, 0, 1];

/** The change of a document's size. */
export const resized = ([width, height], [w, h]) => [width * h, 0, 0, 0, height * w, 0, 0, 0, w * h];

/** The change of a document of a size that is turned or mirrored. */
export function turned(how, [width, height]) {
  return {
    flip_x: [-1, 0, width, 0, 1, 0, 0, 0, 1],
    flip_y: [1, 0, 0, 0, -1, height, 0, 0, 1],
    180: [-1, 0, width, 0, -1, height, 0, 0, 1],
    90: [0, 1, 0, -1, 0, height, 0, 0, 1],
    270: [0, -1, width, 1, 0, 0, 0, 0, 1],
  }[how];
}
