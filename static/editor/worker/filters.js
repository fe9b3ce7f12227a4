// Filters: a layer's pixels changed where they are selected. The twin of editor/replay/effects/filters.py. Loaded before the
// first operation that is one.
import { TILE, intersection } from './planes.js';

export const PASSES = { box: 1, gaussian: 3, sharpen: 3 };
const STRIP = 8;
const WIDE = 2048;
const ROOM = 8_000_000; // pixels that are worked on at once, of which each takes twelve bytes and more

/** Changes a layer where it is selected and inside of the document; beyond its edges the outermost pixels go on. */
export function filtered(kernels, pixels, selection, size, made, lockAlpha) {
  const mark = kernels.next;
  const inside = [0, 0, ...size];
  const reach = reachOf(made);
  const out = pixels.copy();
  for (const [band, source] of bandsOf(boxOf(pixels, selection, inside, lockAlpha ? 0 : reach), inside, reach, made.size ?? 0)) {
    const before = pixels.read(band);
    const count = before.length / 4;
    let after = changed(kernels, reach ? pixels.read(source) : before, source, before, band, made);
    if (lockAlpha) kernels.run.filter_keep(after, kernels.put(before), count);
    if (selection) {
      const target = kernels.put(before);
      kernels.run.mix(target, after, kernels.put(selection.read(band)), count, 255);
      after = target;
    }
    out.write(band, kernels.bytes(after, before.length));
    kernels.reset(mark);
  }
  pixels.tiles = out.tiles;
}

/** How far away a pixel may be that a filter looks at. */
export const reachOf = (made) => (PASSES[made.kind] ?? 0) * (made.radius ?? 0);

/** What may change: where the layer is, and as far around as the filter carries it, if it is selected. */
function boxOf(pixels, selection, inside, reach) {
  const bounds = pixels.bounds();
  if (!bounds) return [0, 0, 0, 0];
  const box = intersection([bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach], inside);
  return selection && !selection.blank ? intersection(box, selection.bounds() ?? [0, 0, 0, 0]) : box;
}

/** Pixels that are changed together, each box with what it is made from. Where one ends is not to be seen. */
function* bandsOf(box, inside, reach, cell) {
  const [x0, y0, x1, y1] = box;
  if (x0 >= x1 || y0 >= y1) return;
  const step = cell || TILE;
  const columns = Math.floor(WIDE / step) * step;
  const rows = Math.max(step, Math.floor((Math.floor(ROOM / (columns + 2 * reach)) - 2 * reach) / step) * step);
  for (let top = Math.floor(y0 / step) * step; top < y1; top += rows) {
    for (let left = Math.floor(x0 / step) * step; left < x1; left += columns) {
      // Cells are worked on as a whole; of all else no more than is asked for.
      const band = intersection([left, top, left + columns, top + rows], cell ? inside : box);
      yield [band, intersection([band[0] - reach, band[1] - reach, band[2] + reach, band[3] + reach], inside)];
    }
  }
}

/** The address of the pixels of a band after the filter. */
export function changed(kernels, read, source, before, band, made) {
  const [width, height] = [band[2] - band[0], band[3] - band[1]];
  const soft = PASSES[made.kind] ? blurred(kernels, read, source, band, made.radius, PASSES[made.kind]) : 0;
  if (soft && made.kind !== 'sharpen') return soft;
  const target = kernels.put(before);
  if (soft) kernels.run.filter_sharpen(target, soft, width * height, share(made.amount), made.threshold);
  else if (made.kind === 'pixelate') kernels.run.filter_pixelate(target, width, height, made.size);
  else {
    for (let row = 0; row < height; row++) {
      kernels.run.filter_noise(target + 4 * width * row, width, band[0], band[1] + row, made.seed, share(made.amount), made.one);
    }
  }
  return target;
}

/** Percent as 65536ths. */
export const share = (percent) => Math.floor((percent * 65536) / 100);

/** The address of the pixels of a band after so many box blurs. */
export function blurred(kernels, read, source, band, radius, passes) {
  const [width, height] = [source[2] - source[0], source[3] - source[1]];
  const count = band[2] - band[0];
  const out = kernels.room(4 * count * (band[3] - band[1]));
  const [wide, line] = [kernels.room(8 * width * height), kernels.room(8 * Math.max(width, STRIP * height))];
  kernels.run.filter_load(wide, kernels.put(read), width * height);
  for (let pass = 0; pass < passes; pass++) kernels.run.filter_box(wide, line, width, height, radius);
  for (let row = 0; row < band[3] - band[1]; row++) {
    const at = (band[1] - source[1] + row) * width + band[0] - source[0];
    kernels.run.filter_store(out + 4 * count * row, wide + 8 * at, count);
  }
  kernels.reset(wide);
  return out;
}
