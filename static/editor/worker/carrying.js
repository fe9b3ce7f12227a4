// Where a point of the picture comes to lie when the document goes from one step to another one, on whatever branches: what is in hand
// and is no layer yet moves along by it.
import { moved, resized, turned } from './following.js';
import { turnedSize } from './geometry.js';

const boxed = ({ x0, y0, x1, y1 }) => [x1 - x0, y1 - y0];
const sized = ({ width, height }) => [width, height];

/** What operations do to places, as { way, size }; way: nine numbers that lead from a place afterwards to the one before. */
const CHANGES = {
  open: (body) => ({ size: sized(body) }),
  canvas: (body) => ({ way: moved(body.dx, body.dy), size: sized(body) }),
  crop: (body) => ({ way: moved(-body.x0, -body.y0), size: boxed(body) }),
  orient: ({ how }, size) => ({ way: turned(how, size), size: turnedSize(how, size) }),
  resize: (body, size) => ({ way: resized(size, sized(body)), size: sized(body) }),
  straighten: (body) => ({ way: body.matrix, size: sized(body) }),
};

/** Where { x, y } of the document after the operation `from` lies after the operation `to`; numbers are pixels. */
export function carried(history, { from, to, x, y }) {
  const [gone, come] = [waysTo(history, from), waysTo(history, to)];
  let common = 0;
  while (common < gone.length && gone[common].id === come[common]?.id) common += 1;
  const back = gone.slice(common).reverse().reduce((point, { way }) => (way ? through(way, point) : point), { x, y });
  return come.slice(common).reduce((point, { way }) => (way ? through(inverse(way), point) : point), back);
}

function waysTo(history, id) {
  let size = null;
  return history.path(id).map(({ id: each, kind, body }) => {
    const change = CHANGES[kind]?.(body, size);
    size = change?.size ?? size;
    return { id: each, way: change?.way };
  });
}

function through([a, b, c, d, e, f, g, h, i], { x, y }) {
  const w = g * x + h * y + i;
  return { x: (a * x + b * y + c) / w, y: (d * x + e * y + f) / w };
}

/** The way back, but for a factor, which doesn't count. */
const inverse = ([a, b, c, d, e, f, g, h, i]) => [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d];
