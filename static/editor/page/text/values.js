// Between the options of the text tool and what a text layer holds, in whole numbers.
import { opaque, toHex } from '../colour.js';
import { bendOf } from './bending.js';

const TOOL = 'text';
const SHADE = 0xa0000000; // of a shadow: black, not quite opaque

/** What a text is drawn with. The second colour is that of outlines; shade: of its shadow. */
export function valuesOf(options, rgba, shade = SHADE) {
  const get = (name) => options.get(TOOL, name);
  const pixels = (name) => get(name) * 16;
  return {
    family: get('family'), weight: Number(get('weight')), size: pixels('letters'), rgba, align: 'left', leading: get('leading'), tracking: get('tracking'),
    ...(get('outline') ? { outline: { width: pixels('outline'), rgba: opaque(options.back) } } : {}),
    ...(get('shadow') ? { shadow: { dx: pixels('shadowX'), dy: pixels('shadowY'), blur: pixels('shadowBlur'), rgba: shade } } : {}),
  };
}

const bytesOf = (rgba) => [rgba & 255, (rgba >> 8) & 255, (rgba >> 16) & 255];

/** Sets the options to what a text is drawn with. */
export function optionsOf(options, { family, weight, size, align, leading, tracking, outline, shadow, rgba, path }) {
  const values = {
    family, weight: String(weight), letters: size / 16, align, leading, tracking, bend: bendOf(path), outline: (outline?.width ?? 0) / 16, shadow: Boolean(shadow),
    ...(shadow ? { shadowX: shadow.dx / 16, shadowY: shadow.dy / 16, shadowBlur: shadow.blur / 16 } : {}),
  };
  for (const [name, value] of Object.entries(values)) options.set(TOOL, name, value);
  options.setColours(toHex(bytesOf(rgba)), outline ? toHex(bytesOf(outline.rgba)) : options.back);
}

/** Values as text; a text that came from the server may have its fields in another order. */
export const inOrder = (values) => JSON.stringify(values, (_name, value) => (value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value));

/** A point of the document, in pixels, on a text's own plane; place: as in onDocument. */
export function onPlane(place, x, y) {
  if (!place) return { x, y };
  const [a, b, c, d, e, f, g, h, i] = place.map(Number);
  const w = g * x + h * y + i;
  return { x: (a * x + b * y + c) / w, y: (d * x + e * y + f) / w };
}

/** A point of a text's own plane on the document, in pixels; place: from the document to the plane, where they differ. */
export function onDocument(place, x, y) {
  if (!place) return { x, y };
  const [a, b, c, d, e, f, g, h, i] = place.map(Number);
  const w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d);
  return { x: ((e * i - f * h) * x + (c * h - b * i) * y + (b * f - c * e)) / w, y: ((f * g - d * i) * x + (a * i - c * g) * y + (c * d - a * f)) / w };
}
