// Healing: pixels from elsewhere, fitted to where they are laid. The twin of editor/replay/retouch/healing.py.
import { intersection } from '../planes.js';

const POINTS = 384; // of editor/kernels/k1/heal.c, as RING
export const RING = 3;
export const AROUND = 192; // pixels around a spot where something to heal it from is looked for
const MOST_HEALED = 3_500_000; // pixels of a box that is healed at once

/** A box with so much more around it, inside of a limit. */
export const grown = ([x0, y0, x1, y1], margin, limit) => intersection([x0 - margin, y0 - margin, x1 + margin, y1 + margin], limit);

/** Whether a stroke can be healed at once; samples (x, y, pressure, …) and radius in sixteenths. */
export function isHealable(samples, radius, margin) {
  const sides = [0, 1].map((k) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = k; i < samples.length; i += 3) [low, high] = [Math.min(low, samples[i]), Math.max(high, samples[i])];
    return Math.floor((high - low) / 16) + 2 * (Math.floor(radius / 16) + 4 + margin);
  });
  return sides[0] * sides[1] <= MOST_HEALED;
}

/** Grey of the opacity of px: healed, it is what surrounds it, evenly. */
export function plain(px) {
  const out = px.slice();
  for (let i = 0; i < out.length; i += 4) out.fill(out[i + 3] ? 128 : 0, i, i + 3);
  return out;
}

/** The bytes that the kernel heal_match works in. */
export function roomOf(width, height) {
  for (let total = 0; ; [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)]) {
    total += 20 * width * height;
    if (width <= 2 && height <= 2) return total;
  }
}

/** px (RGBA) with the light and colours of `target` where `hole` is not 0. */
export function fitted(kernels, px, target, hole, [width, height]) {
  const mark = kernels.next;
  const at = kernels.put(px);
  const others = [kernels.put(target), kernels.put(hole)];
  kernels.run.heal_match(at, ...others, width, height, kernels.room(roomOf(width, height)));
  const out = kernels.bytes(at, px.length).slice();
  kernels.reset(mark);
  return out;
}

/** The offset from which a hole in px is best healed, or null where nothing fits. */
export function sourceOf(kernels, px, hole, [width, height]) {
  const mark = kernels.next;
  const found = kernels.room(8);
  const places = [kernels.put(px), kernels.put(hole)];
  const work = kernels.room(Math.ceil((width * height) / 4) * 4 + 16 * POINTS);
  const fits = kernels.run.heal_source(found, ...places, width, height, work);
  const by = [...kernels.numbers(found, 2)];
  kernels.reset(mark);
  return fits ? by : null;
}
