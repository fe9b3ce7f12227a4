// What changes pixels of a layer and is no stroke. The twin of editor/replay/painting.py. Loaded before the first operation that does.
import { Impossible, target, unlocked } from './layers.js';
import { part } from './parts.js';
import { Plane, shifted } from './planes.js';

function lay(document, body, source) {
  const layer = unlocked(document, body);
  const how = { opacity: body.opacity, mode: body.mode, lockAlpha: layer.lock_alpha };
  part('filling').laidOver(document.kernels, target(layer, body), document.selection, document.size, source, how);
}

function fill(document, body) {
  lay(document, body, part('filling').colour(document.kernels, body.rgba));
}

function gradient(document, body) {
  const ramp = part('filling').rampOf(body.stops);
  lay(document, body, part('filling').gradient(document.kernels, ramp, [body.x0, body.y0], [body.x1, body.y1], body.shape));
}

function clear(document, body) {
  part('filling').cleared(document.kernels, target(unlocked(document, body), body), document.selection, document.size);
}

/** Moves the selected pixels of a layer, and the selection with them. */
function carry(document, body) {
  const { kernels, selection, size } = document;
  const pixels = target(unlocked(document, body), body);
  if (!selection) throw new Impossible('Select what is to be moved first.');
  part('filling').carried(kernels, pixels, selection, size, body.dx, body.dy, body.copy ?? false);
  const inside = [0, 0, ...size];
  document.selection = new Plane(1);
  document.selection.write(inside, shifted(selection, body.dx, body.dy).read(inside));
}

function erase(document, body) {
  const layer = unlocked(document, body);
  if (!document.selection) throw new Impossible('Select what is to be erased first.');
  part('erase').erased(document.kernels, target(layer, body), document.selection, document.size, body.seed);
}

function filter(document, body) {
  const layer = unlocked(document, body);
  part('filter').filtered(document.kernels, target(layer, body), document.selection, document.size, body.filter, layer.lock_alpha);
}

export const KINDS = { fill, gradient, clear, erase, filter, move: carry };
