// What turns, crops, resizes and straightens a document, or transforms a layer or bends it; loaded before the first operation that does. The twin of
// editor/replay/geometry/operations.py and placing.py.
import * as ways from './following.js';
import { cleared, laid, lifted } from './filling.js';
import { Impossible, isDrawn, target, unlocked, walk } from './layers.js';
import { followed, part } from './parts.js';
import { Plane, TILE, places, shifted } from './planes.js';
import { resized } from './resizing.js';
import { warped } from './warping.js';

export { warped };

/** Changes each layer, mask and the selection, and gives the document a size.
 * way: the same change as a projection, by which shapes and texts follow: they are drawn again instead. */
function everywhere(document, change, size, way) {
  for (const layer of walk(document.layers)) {
    if (!isDrawn(layer)) layer.pixels = change(layer.pixels);
    if (layer.mask) layer.mask = change(layer.mask);
  }
  if (document.selection) document.selection = clipped(change(document.selection), size);
  [document.width, document.height] = size;
  followed(document, document.layers, way);
}

export const KINDS = {
  orient(document, { how }) {
    const { size } = document;
    everywhere(document, (plane) => turned(plane, how, size), turnedSize(how, size), ways.turned(how, size));
  },

  crop(document, { x0, y0, x1, y1, discard = false }) {
    const size = [x1 - x0, y1 - y0];
    everywhere(document, (plane) => {
      const moved = shifted(plane, -x0, -y0);
      return discard ? clipped(moved, size) : moved;
    }, size, ways.moved(-x0, -y0));
  },

  resize(document, { width, height, method }) {
    const { kernels, size } = document;
    everywhere(document, (plane) => resized(kernels, plane, size, [width, height], method), [width, height], ways.resized(size, [width, height]));
  },

  /** Looks at the document through a frame that is turned or askew: what lies outside of it is dropped. */
  straighten(document, { width, height, matrix, method }) {
    everywhere(document, (plane) => warped(document.kernels, plane, matrix, [0, 0, width, height], method), [width, height], matrix);
  },

  /** Transforms a layer with all it holds, or what is selected of its pixels and the selection with them. */
  transform(document, body) {
    const layer = unlocked(document, body);
    const { selection } = document;
    reshaped(document, body, (plane) => warped(document.kernels, plane, body.matrix, boxOf(body), body.method));
    if (!selection) followed(document, [layer], body.matrix);
  },

  /** Bends a layer with all it holds by a grid of handles, or what is selected of it; nothing where none was moved. */
  mesh(document, body) {
    bendable(document, body);
    if (!body.points.some(Boolean)) return;
    const { Mesh, meshed } = part('mesh');
    const mesh = new Mesh(boxOf(body), body);
    reshaped(document, body, (plane) => meshed(document.kernels, plane, mesh, body.method));
  },
};

const boxOf = ({ x0, y0, x1, y1 }) => [x0, y0, x1, y1];

function bendable(document, body) {
  const layer = unlocked(document, body);
  if (document.selection) target(layer, body);
  else if ([...walk([layer])].some(isDrawn)) throw new Impossible("A mesh can't bend shapes and texts. Turn them into pixels first.");
}

/** Changes a layer with all it holds, or what is selected of its pixels and the selection with them. */
function reshaped(document, body, change) {
  const { kernels, selection, size } = document;
  const layer = unlocked(document, body);
  if (!selection) {
    for (const each of walk([layer])) {
      if (!isDrawn(each)) each.pixels = change(each.pixels);
      if (each.mask) each.mask = change(each.mask);
    }
    return;
  }
  const pixels = target(layer, body);
  const found = lifted(kernels, pixels, selection, size);
  cleared(kernels, pixels, selection, size);
  laid(kernels, pixels, change(found));
  document.selection = clipped(change(selection), size);
}

export const turnedSize = (how, [width, height]) => (how === '90' || how === '270' ? [height, width] : [width, height]);

/** A plane turned or mirrored with its document of a size. */
function turned(plane, how, size) {
  const out = new Plane(plane.channels, plane.blank);
  const bounds = plane.bounds();
  if (!bounds) return out;
  const back = { 90: '270', 270: '90' }[how] ?? how;
  const after = turnedSize(how, size);
  for (const [x, y] of places(movedBox(bounds, how, size))) {
    const box = [x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE];
    out.put(x, y, turnedTile(plane.read(movedBox(box, back, after)), how, plane.channels));
  }
  return out;
}

/** Where a box of a document of a size comes to lie. */
function movedBox([x0, y0, x1, y1], how, [width, height]) {
  if (how === 'flip_x') return [width - x1, y0, width - x0, y1];
  if (how === 'flip_y') return [x0, height - y1, x1, height - y0];
  if (how === '180') return [width - x1, height - y1, width - x0, height - y0];
  if (how === '90') return [height - y1, x0, height - y0, x1];
  return [y0, width - x1, y1, width - x0];
}

// Of each way where the pixel (x, y) of a tile is taken from.
const FROM = {
  flip_x: (x, y) => [TILE - 1 - x, y],
  flip_y: (x, y) => [x, TILE - 1 - y],
  180: (x, y) => [TILE - 1 - x, TILE - 1 - y],
  90: (x, y) => [y, TILE - 1 - x],
  270: (x, y) => [TILE - 1 - y, x],
};

function turnedTile(bytes, how, channels) {
  const from = channels === 4 ? new Uint32Array(bytes.buffer) : bytes;
  const out = channels === 4 ? new Uint32Array(from.length) : new Uint8Array(from.length);
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) {
      const [u, v] = FROM[how](x, y);
      out[y * TILE + x] = from[v * TILE + u];
    }
  }
  return new Uint8Array(out.buffer);
}

/** A plane that is blank outside of a document of a size. */
export function clipped(plane, [width, height]) {
  const out = new Plane(plane.channels, plane.blank);
  const c = plane.channels;
  for (const [x, y] of places([0, 0, width, height])) {
    if (!plane.has(x, y)) continue;
    const [right, below] = [width - x * TILE, height - y * TILE];
    if (right >= TILE && below >= TILE) {
      out.put(x, y, plane.get(x, y));
      continue;
    }
    const tile = plane.get(x, y).slice();
    if (below < TILE) tile.fill(plane.blank, below * TILE * c);
    if (right < TILE) for (let row = 0; row < TILE; row++) tile.fill(plane.blank, (row * TILE + right) * c, (row + 1) * TILE * c);
    out.put(x, y, tile);
  }
  return out;
}
