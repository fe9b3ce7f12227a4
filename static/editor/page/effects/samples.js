// What adjustments are shown with in the list, and looks: presets of several adjustments one after the other.

export const SAMPLES = {
  brightness: { kind: 'brightness', brightness: 30, contrast: 30 },
  exposure: { kind: 'exposure', exposure: 80 },
  levels: { kind: 'levels', all: [35, 120, 215, 0, 255] },
  curves: { kind: 'curves', all: [[0, 0], [64, 40], [192, 220], [255, 255]] },
  hue: { kind: 'hue', hue: 60, saturation: 20 },
  temperature: { kind: 'temperature', temperature: 70 },
  balance: { kind: 'balance', shadows_blue: 60, highlights_red: 50, highlights_blue: -50 },
  mono: { kind: 'mono' },
  invert: { kind: 'invert' },
  threshold: { kind: 'threshold' },
  posterise: { kind: 'posterise' },
  vignette: { kind: 'vignette', amount: -80 },
};

export const LOOKS = {
  vivid: [{ kind: 'brightness', contrast: 18 }, { kind: 'hue', saturation: 30 }],
  warm: [{ kind: 'temperature', temperature: 38, tint: 6 }, { kind: 'brightness', brightness: 6, contrast: 8 }],
  cool: [{ kind: 'temperature', temperature: -38 }, { kind: 'brightness', contrast: 10 }],
  golden: [
    { kind: 'temperature', temperature: 45 }, { kind: 'balance', shadows_red: 12, shadows_blue: -12, highlights_red: 20, highlights_green: 8, highlights_blue: -28 },
    { kind: 'vignette', amount: -25 },
  ],
  cinema: [
    { kind: 'balance', shadows_red: -24, shadows_blue: 28, midtones_red: 8, highlights_red: 26, highlights_blue: -24 },
    { kind: 'curves', all: [[0, 8], [64, 52], [192, 204], [255, 248]] },
  ],
  faded: [{ kind: 'curves', all: [[0, 38], [80, 92], [190, 196], [255, 236]] }, { kind: 'hue', saturation: -28 }],
  film: [
    { kind: 'curves', all: [[0, 16], [60, 54], [190, 208], [255, 244]], red: [[0, 0], [128, 134], [255, 255]], blue: [[0, 14], [128, 124], [255, 238]] },
    { kind: 'hue', saturation: -10 }, { kind: 'vignette', amount: -22 },
  ],
  mono: [{ kind: 'mono' }, { kind: 'brightness', contrast: 12 }],
  noir: [{ kind: 'mono', red: 60, yellow: 70, green: 20, cyan: 10, blue: 0, magenta: 50 }, { kind: 'brightness', brightness: -8, contrast: 48 }, { kind: 'vignette', amount: -60 }],
  sepia: [{ kind: 'mono' }, { kind: 'balance', shadows_red: 26, shadows_blue: -34, midtones_red: 34, midtones_green: 10, midtones_blue: -40, highlights_blue: -20, keep: 0 }],
};
