// What a shape is made of as the page shows it: numbers in pixels, degrees and percent, and what an operation holds of them.

export const UNIT = 64; // of a pixel
const DEGREES = 65536 / 360;
const FAR = 4 * 8192 * UNIT;

const pixels = { scale: UNIT, least: -FAR, most: FAR };
const length = { ...pixels, least: 1 };
const BOX = { x0: pixels, y0: pixels, x1: pixels, y1: pixels };
const AROUND = { x: pixels, y: pixels, radius: length, sides: { scale: 1, least: 3, most: 100 }, angle: { scale: DEGREES, least: 0, most: 65535 } };

/** The numbers of each kind: how many of what an operation holds one of what is shown is, and their bounds. */
export const KINDS = {
  rectangle: { ...BOX, radius: { ...pixels, least: 0 } },
  ellipse: BOX,
  polygon: AROUND,
  star: { ...AROUND, inner: { scale: 1, least: 1, most: 100 } },
  line: BOX,
  arrow: { ...BOX, head: { ...pixels, least: UNIT } },
  path: {},
};
export const DRAWN = ['rectangle', 'ellipse', 'polygon', 'star', 'line', 'arrow'];
export const isOpen = (kind) => kind === 'line' || kind === 'arrow';

const FIRST = { radius: 0, sides: 5, angle: 0, inner: 45, head: 24 * UNIT };

/** What is shown as a whole number of an operation, within its bounds. */
export function toOperation(kind, name, shown) {
  const { scale, least, most } = KINDS[kind][name];
  return Math.min(most, Math.max(least, Math.round(shown * scale)));
}

export const toShown = (kind, name, held) => Math.round((held / KINDS[kind][name].scale) * 100) / 100;

/** A shape of a kind between two points in 64ths, with the numbers of the one before where it has the same. */
export function between(kind, [x0, y0], [x1, y1], before = {}) {
  const own = Object.fromEntries(Object.keys(KINDS[kind]).filter((name) => name in FIRST).map((name) => [name, before[name] ?? FIRST[name]]));
  if (!('sides' in KINDS[kind])) return { kind, ...own, x0, y0, x1, y1 };
  const radius = Math.max(1, Math.round(Math.min(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 2));
  return { kind, ...own, x: Math.round((x0 + x1) / 2), y: Math.round((y0 + y1) / 2), radius };
}

/** The points of a shape that can be dragged, as [name, x, y]. */
export function handlesOf(shape) {
  if (shape.kind === 'path') {
    return shape.nodes.flatMap((node, i) => Array.from({ length: node.length / 2 }, (_, k) => [`${i}.${k}`, node[2 * k], node[2 * k + 1]]));
  }
  if ('sides' in shape) return [['centre', shape.x, shape.y], ['radius', shape.x, shape.y - shape.radius]];
  const corners = [['0.0', shape.x0, shape.y0], ['1.1', shape.x1, shape.y1]];
  return isOpen(shape.kind) ? corners : [...corners, ['1.0', shape.x1, shape.y0], ['0.1', shape.x0, shape.y1]];
}

/** A shape with one of its handles elsewhere. */
export function pulled(shape, name, x, y) {
  const [px, py] = [x, y].map((value) => Math.min(FAR, Math.max(-FAR, Math.round(value))));
  if (shape.kind === 'path') {
    const [i, k] = name.split('.').map(Number);
    return { ...shape, nodes: shape.nodes.map((node, at) => (at === i ? pulledNode(node, k, px, py) : node)) };
  }
  if (name === 'centre') return { ...shape, x: px, y: py };
  if (name === 'radius') return { ...shape, radius: Math.max(1, Math.round(Math.hypot(px - shape.x, py - shape.y))) };
  const [column, row] = name.split('.');
  return { ...shape, [`x${column}`]: px, [`y${row}`]: py };
}

/** A node's own point takes its handles along. */
function pulledNode(node, k, x, y) {
  if (k) return node.map((value, i) => (i === 2 * k ? x : i === 2 * k + 1 ? y : value));
  const [dx, dy] = [x - node[0], y - node[1]];
  return node.map((value, i) => value + (i % 2 ? dy : dx));
}

/** The nodes of a path as text, a node a line, and back; null where it can't be read. */
export const nodesAsText = (nodes) => nodes.map((node) => node.map((value) => Math.round((value / UNIT) * 100) / 100).join(', ')).join('\n');

export function nodesFromText(text) {
  const nodes = text.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => line.split(/[\s,;]+/).map((each) => Math.round(Number(each) * UNIT)));
  const fits = nodes.length > 1 && nodes.length <= 1000 && nodes.every((node) => [2, 6].includes(node.length) && node.every((value) => Math.abs(value) <= FAR));
  return fits ? nodes : null;
}
