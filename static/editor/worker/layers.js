// The layers of a document: a tree, bottom first. The twin of editor/replay/layers.py.
import { Plane } from './planes.js';

/** An operation that the document as it is does not allow; its message is a sentence for the person. */
export class Impossible extends Error {}

export const MODES = [
  'normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'color-dodge', 'color-burn', 'hard-light',
  'soft-light', 'difference', 'exclusion', 'hue', 'saturation', 'color', 'luminosity',
];
const MODE = Object.fromEntries(MODES.map((name, number) => [name, number]));
export const modeNumber = (name) => MODE[name];
export const MOST_LAYERS = 100;

export function newLayer(values) {
  return {
    name: '', group: false, visible: true, opacity: 255, mode: 'normal', clip: false, lock_alpha: false, locked: false,
    through: false, adjust: null, shape: null, text: null, place: null, mask: null, mask_on: true, pixels: new Plane(), children: [], ...values,
  };
}

/** Whether a layer's pixels are drawn from a description. */
export const isDrawn = (layer) => Boolean(layer.shape || layer.text);

/** A layer of its own that shares tiles; children are copied too. */
export function copyLayer(layer) {
  return {
    ...layer, pixels: layer.pixels.copy(), mask: layer.mask?.copy() ?? null, children: layer.children.map(copyLayer),
  };
}

/** Every layer and group, bottom first, a group before its children. */
export function* walk(layers) {
  for (const layer of layers) {
    yield layer;
    yield* walk(layer.children);
  }
}

export function find(layers, id) {
  for (const layer of walk(layers)) if (layer.id === id) return layer;
  throw new Impossible("This layer doesn't exist any more.");
}

/** The list that a layer stands in. */
export function homeOf(layers, id) {
  if (layers.some((layer) => layer.id === id)) return layers;
  for (const layer of walk(layers)) if (layer.children.some((child) => child.id === id)) return layer.children;
  throw new Impossible("This layer doesn't exist any more.");
}

/** Stands a layer above another one of the group, or at the group's bottom. */
export function insert(layers, layer, { group = null, above = null }) {
  let home = layers;
  if (group !== null) {
    const parent = find(layers, group);
    if (!parent.group) throw new Impossible('Only a group holds other layers.');
    home = parent.children;
  }
  if (above === null) return home.unshift(layer);
  const index = home.findIndex((other) => other.id === above);
  if (index < 0) throw new Impossible("The layer below the new place doesn't exist any more.");
  return home.splice(index + 1, 0, layer);
}

export function remove(layers, id) {
  const home = homeOf(layers, id);
  return home.splice(home.findIndex((layer) => layer.id === id), 1)[0];
}

/** The layer that an operation names, if it may be changed. */
export function unlocked(document, body) {
  const layer = find(document.layers, body.layer);
  if (layer.locked) throw new Impossible('This layer is locked. Unlock it first.');
  return layer;
}

/** The plane of it that an operation changes. */
export function target(layer, body) {
  if (body.target !== 'mask') {
    if (layer.group) throw new Impossible('A group has no pixels of its own. Choose a layer in it.');
    if (layer.adjust) throw new Impossible('An adjustment has no pixels of its own. Paint on its mask.');
    if (layer.shape) throw new Impossible('This is a shape. Turn it into pixels to paint on it, or paint on its mask.');
    if (layer.text) throw new Impossible('This is a text. Turn it into pixels to paint on it, or paint on its mask.');
    return layer.pixels;
  }
  if (!layer.mask) throw new Impossible('This layer has no mask.');
  return layer.mask;
}
