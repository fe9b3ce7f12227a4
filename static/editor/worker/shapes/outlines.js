// The outline of a shape as a path of the kernels, in whole numbers. The twin of editor/replay/shapes/outlines.py.

const [MOVE, LINE, CUBIC, CLOSE] = [0, 1, 3, 4];
const TURN = 65536;
const QUARTER = 26353589; // of a turn, in 2^-24
const ONE = 1 << 24;
const KAPPA = 36195; // how far the handles of a quarter of a circle are, in 65536ths of its radius

const { floor, max, min } = Math;

/** What is filled and stroked of a shape, as [verb, points]; of an arrow the shaft. */
export const outline = (shape) => OUTLINES[shape.kind](shape);

/** The sine of an angle in 65536ths of a turn, in 2^-24: its series, each step rounded down. */
export function sine(angle) {
  const turned = ((angle % TURN) + TURN) % TURN;
  if (turned >= TURN / 2) return -sine(turned - TURN / 2);
  const x = floor((min(turned, TURN / 2 - turned) * QUARTER) / (TURN / 4));
  const square = floor((x * x) / ONE);
  let [term, total] = [x, x];
  for (const n of [6, 20, 42, 72, 110]) {
    term = -floor(floor((term * square) / ONE) / n);
    total += term;
  }
  return total;
}

/** The point that lies so far from (x, y), upwards at the angle 0 and clockwise from there. */
function polar(x, y, radius, angle) {
  return [x + floor((radius * sine(angle)) / ONE), y - floor((radius * sine(angle + TURN / 4)) / ONE)];
}

function polygon([first, ...rest]) {
  return [[MOVE, [first]], ...rest.map((point) => [LINE, [point]]), [CLOSE, []]];
}

const boxOf = ({ x0, y0, x1, y1 }) => [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)];

function rectangle(shape) {
  const [x0, y0, x1, y1] = boxOf(shape);
  const r = min(shape.radius, floor((x1 - x0) / 2), floor((y1 - y0) / 2));
  return r ? rounded([x0, y0, x1, y1], r, r) : polygon([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
}

/** A box whose corners are quarters of an ellipse. */
function rounded([x0, y0, x1, y1], rx, ry) {
  const [kx, ky] = [rx, ry].map((r) => r - floor((r * KAPPA) / 65536)); // from the corner to a handle
  return [
    [MOVE, [[x0 + rx, y0]]],
    [LINE, [[x1 - rx, y0]]],
    [CUBIC, [[x1 - kx, y0], [x1, y0 + ky], [x1, y0 + ry]]],
    [LINE, [[x1, y1 - ry]]],
    [CUBIC, [[x1, y1 - ky], [x1 - kx, y1], [x1 - rx, y1]]],
    [LINE, [[x0 + rx, y1]]],
    [CUBIC, [[x0 + kx, y1], [x0, y1 - ky], [x0, y1 - ry]]],
    [LINE, [[x0, y0 + ry]]],
    [CUBIC, [[x0, y0 + ky], [x0 + kx, y0], [x0 + rx, y0]]],
    [CLOSE, []],
  ];
}

function ellipse(shape) {
  const [x0, y0, x1, y1] = boxOf(shape);
  return rounded([x0, y0, x1, y1], floor((x1 - x0) / 2), floor((y1 - y0) / 2));
}

function around({ x, y, angle, sides }, radii) {
  const count = sides * radii.length;
  return polygon(Array.from({ length: count }, (_, i) => polar(x, y, radii[i % radii.length], angle + floor((i * TURN) / count))));
}

/** An arrow's direction, its length and how long its head is: no longer than all of it. */
function wayOf({ x0, y0, x1, y1, head: most }) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = floor(Math.sqrt(dx * dx + dy * dy)); // exact: a square below 2^53 has an exact root or none that rounds up to one
  return [dx, dy, max(1, length), min(most, length)];
}

function neck(shape) {
  const [dx, dy, length, long] = wayOf(shape);
  return [shape.x1 - floor((dx * long) / length), shape.y1 - floor((dy * long) / length)];
}

/** The head of an arrow: a triangle as wide as long, wound as a stroke is; `turned` where that is mirrored. */
export function head(shape, turned) {
  const [dx, dy, length, long] = wayOf(shape);
  const [x, y] = neck(shape);
  const half = turned ? -floor(long / 2) : floor(long / 2);
  const [left, right] = [half, -half].map((by) => [x + floor((dy * by) / length), y - floor((dx * by) / length)]);
  return polygon([left, [shape.x1, shape.y1], right]);
}

function path({ nodes, closed }) {
  const made = [[MOVE, [nodes[0].slice(0, 2)]]];
  const ends = closed ? [...nodes.slice(1), nodes[0]] : nodes.slice(1);
  ends.forEach((b, i) => {
    const a = nodes[i];
    const end = b.slice(0, 2);
    made.push(a.length === 2 && b.length === 2 ? [LINE, [end]] : [CUBIC, [a.slice(-2), b.length === 6 ? b.slice(2, 4) : end, end]]);
  });
  return closed ? [...made, [CLOSE, []]] : made;
}

const OUTLINES = {
  rectangle, ellipse, path,
  polygon: (shape) => around(shape, [shape.radius]),
  star: (shape) => around(shape, [shape.radius, floor((shape.radius * shape.inner) / 100)]),
  line: ({ x0, y0, x1, y1 }) => [[MOVE, [[x0, y0]]], [LINE, [[x1, y1]]]],
  arrow: (shape) => [[MOVE, [[shape.x0, shape.y0]]], [LINE, [neck(shape)]]],
};
