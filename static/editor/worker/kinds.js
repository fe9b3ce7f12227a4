// What adjustments and filters are set by, for the engine and the page; the same as in editor/replay/effects/.

const both = (neutral = 0) => [-100, 100, neutral];

/** Kinds in the kernels' order; of each value its bounds and what changes nothing. */
export const ADJUSTMENTS = {
  brightness: { brightness: both(), contrast: both() },
  exposure: { exposure: [-500, 500, 0], offset: [-200, 200, 0], gamma: [10, 400, 100] },
  levels: {},
  curves: {},
  hue: { hue: [-180, 180, 0], saturation: both(), lightness: both() },
  temperature: { temperature: both(), tint: both() },
  balance: {
    ...Object.fromEntries(['shadows', 'midtones', 'highlights'].flatMap((part) => ['red', 'green', 'blue'].map((colour) => [`${part}_${colour}`, both()]))),
    keep: [0, 1, 1],
  },
  mono: { red: [-200, 300, 40], yellow: [-200, 300, 60], green: [-200, 300, 40], cyan: [-200, 300, 60], blue: [-200, 300, 20], magenta: [-200, 300, 80] },
  invert: {},
  threshold: { level: [1, 255, 128] },
  posterise: { levels: [2, 64, 4] },
  vignette: { amount: both(-50), middle: [0, 100, 60], round: [0, 100, 50], feather: [0, 100, 60] },
};
export const CHANNELS = ['all', 'red', 'green', 'blue'];
export const NEUTRAL_LEVELS = [0, 100, 255, 0, 255];
export const MOST_POINTS = 16;

/** Filters, and of each value its bounds. A radius is that of one box; a Gaussian is three of them. */
export const FILTERS = {
  box: { radius: [1, 250] },
  gaussian: { radius: [1, 100] },
  sharpen: { amount: [1, 500], radius: [1, 100], threshold: [0, 255] },
  noise: { amount: [1, 100], one: [0, 1], seed: [0, 0x7fffffff] },
  pixelate: { size: [2, 256] },
};
