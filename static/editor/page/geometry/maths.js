// Places, angles and projections as numbers. Pure. A projection is nine numbers m: (x, y) goes to
// ((m0 x + m1 y + m2) / d, (m3 x + m4 y + m5) / d) with d = m6 x + m7 y + m8.

const ONE = 2 ** 24;
const MOST_TURN = 2 ** 33;
const MOST_SHIFT = 2 ** 49;
const FAR = 16_384; // pixels: no place of an operation lies further out

export const add = (a, b) => ({ x: a.x + b.x, y: a.y + b.y });
export const minus = (a, b) => ({ x: a.x - b.x, y: a.y - b.y });
export const times = (a, by) => ({ x: a.x * by, y: a.y * by });
export const far = ({ x, y }) => Math.hypot(x, y);
export const middle = (points) => times(points.reduce(add), 1 / points.length);

/** A point turned around another by degrees, clockwise on the screen. */
export function turned(point, centre, degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)].map(exact);
  const { x, y } = minus(point, centre);
  return { x: centre.x + x * c - y * s, y: centre.y + x * s + y * c };
}

const exact = (v) => (Math.abs(v - Math.round(v)) < 1e-12 ? Math.round(v) : v); // quarter turns only move bytes

/** The corners of a box, clockwise from the left top one. */
export const cornersOf = ([x0, y0, x1, y1]) => [{ x: x0, y: y0 }, { x: x1, y: y0 }, { x: x1, y: y1 }, { x: x0, y: y1 }];

/** The box around points, in whole pixels. */
export function boxOf(points) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys)), Math.ceil(Math.max(...xs)), Math.ceil(Math.max(...ys))];
}

/** Whether four corners go around something, without a knot or a dent. */
export function isConvex(corners) {
  const bends = corners.map((at, i) => {
    const [a, b] = [minus(corners[(i + 1) % 4], at), minus(corners[(i + 2) % 4], corners[(i + 1) % 4])];
    return a.x * b.y - a.y * b.x;
  });
  return bends.every((bend) => bend > 1e-3) || bends.every((bend) => bend < -1e-3);
}

/** The projection that takes the unit square to four corners (P. Heckbert, 1989). */
function ofSquare([a, b, c, d]) {
  const [ex, ey] = [a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y];
  let [g, h] = [0, 0];
  if (Math.hypot(ex, ey) > 1e-9) {
    const [x1, y1, x2, y2] = [b.x - c.x, b.y - c.y, d.x - c.x, d.y - c.y];
    const by = x1 * y2 - x2 * y1;
    [g, h] = [(ex * y2 - x2 * ey) / by, (x1 * ey - ex * y1) / by];
  }
  return [b.x - a.x + g * b.x, d.x - a.x + h * d.x, a.x, b.y - a.y + g * b.y, d.y - a.y + h * d.y, a.y, g, h, 1];
}

function inverse([a, b, c, d, e, f, g, h, i]) {
  return [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d];
}

const product = (m, n) => Array.from({ length: 9 }, (_, k) => [0, 1, 2].reduce((sum, j) => sum + m[3 * Math.floor(k / 3) + j] * n[3 * j + (k % 3)], 0));

export function placed([a, b, c, d, e, f, g, h, i], { x, y }) {
  const by = g * x + h * y + i;
  return { x: (a * x + b * y + c) / by, y: (d * x + e * y + f) / by };
}

/** The projection that gives of each place within corners where it was in a box. */
export function backFrom(corners, [x0, y0, x1, y1]) {
  const box = [x1 - x0, 0, x0, 0, y1 - y0, y0, 0, 0, 1];
  const back = inverse(ofSquare(corners));
  return product(box, back);
}

/** A projection in whole numbers, as an operation holds it; (x, y) lies before its horizon. */
export function whole(m, { x, y }) {
  const ahead = m[6] * x + m[7] * y + m[8] < 0 ? -1 : 1;
  const isFlat = Math.abs(m[6]) + Math.abs(m[7]) < 1e-12 * Math.abs(m[8]);
  if (isFlat) return m.map((v, k) => (k === 8 ? ONE : k > 5 ? 0 : rounded((v / m[8]) * ONE)));
  const turn = Math.max(...[0, 1, 3, 4, 6, 7].map((k) => Math.abs(m[k])));
  const shift = Math.max(...[2, 5, 8].map((k) => Math.abs(m[k])));
  const by = ahead * Math.min(MOST_TURN / turn, MOST_SHIFT / shift);
  return m.map((v) => rounded(v * by));
}

const rounded = (v) => Math.round(v) + 0; // no -0, which JSON keeps and a log doesn't

/** What an operation `transform` holds besides the layer: a box brought to corners. Null where they enclose nothing. */
export function bodyOf(box, corners, method) {
  if (!isConvex(corners)) return null;
  const [x0, y0, x1, y1] = boxOf(corners).map((v, i) => Math.min(FAR, Math.max(-FAR, v + (i < 2 ? -1 : 1))));
  return { x0, y0, x1, y1, matrix: whole(backFrom(corners, box), middle(corners)), method };
}

/** How much smaller a frame around a centre must be so that, turned by degrees, it lies in a picture; at most 1. */
export function fitting({ centre, width, height, degrees }, size) {
  const corners = cornersOf([-width / 2, -height / 2, width / 2, height / 2]).map((corner) => turned(corner, { x: 0, y: 0 }, degrees));
  return Math.max(0, Math.min(1, ...corners.flatMap(({ x, y }) => [
    x > 1e-9 ? (size.width - centre.x) / x : x < -1e-9 ? -centre.x / x : 1, y > 1e-9 ? (size.height - centre.y) / y : y < -1e-9 ? -centre.y / y : 1,
  ])));
}

/** The directions of a frame: of its upper side and its left one, with their lengths and angles. */
export function axesOf([a, b, c, d]) {
  const [u, v] = [times(add(minus(b, a), minus(c, d)), 0.5), times(add(minus(d, a), minus(c, b)), 0.5)];
  const [width, height] = [far(u) || 1e-9, far(v) || 1e-9];
  const degrees = (Math.atan2(u.y, u.x) * 180) / Math.PI;
  const down = (Math.atan2(v.y, v.x) * 180) / Math.PI;
  return { u, v, width, height, degrees, skew: ((down - degrees - 90 + 540) % 360) - 180 };
}

export function inAxes(p, { u, v }) {
  const by = u.x * v.y - u.y * v.x || 1e-9;
  return { x: (p.x * v.y - p.y * v.x) / by, y: (u.x * p.y - u.y * p.x) / by };
}

/** Corners scaled along the directions of a frame, away from a place. */
export function scaledBy(corners, anchor, axes, fx, fy) {
  return corners.map((corner) => {
    const { x, y } = inAxes(minus(corner, anchor), axes);
    return add(anchor, add(times(axes.u, x * fx), times(axes.v, y * fy)));
  });
}
