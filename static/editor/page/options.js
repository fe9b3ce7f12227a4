// What the tools are set to. Kept in this browser, since it belongs to the hand and not to the picture.

const KEY = 'image2-editor-options';
const range = (name, min, max, unit = '%', more = {}) => ({ name, kind: 'range', min, max, unit, ...more });
const choice = (name, choices) => ({ name, kind: 'choice', choices });
const toggle = (name) => ({ name, kind: 'toggle' });

export const MODES = [
  'normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'color-dodge', 'color-burn', 'hard-light', 'soft-light', 'difference',
  'exclusion', 'hue', 'saturation', 'color', 'luminosity',
];
const ROUND = [range('size', 1, 2000, 'px', { curve: true }), range('hardness', 0, 100)];
const MOVED = [range('spacing', 2, 200), range('smoothing', 0, 100), toggle('pressureSize')];
const BRUSH = [...ROUND, range('opacity', 1, 100), range('flow', 1, 100), ...MOVED, toggle('pressureFlow')];
const SOURCE = [toggle('aligned'), toggle('below')];
const TONES = [choice('range', ['shadows', 'midtones', 'highlights']), range('exposure', 1, 100), ...ROUND, ...MOVED, toggle('pressureFlow')];
const SELECT = [choice('how', ['replace', 'add', 'subtract', 'intersect']), range('feather', 0, 250, 'px', { curve: true })];

export const OPTIONS = {
  move: [], crop: [], transform: [], shape: [], pen: [],
  object: SELECT, rectangle: SELECT, ellipse: SELECT, lasso: SELECT, polygon: SELECT,
  quick: [range('size', 1, 2000, 'px', { curve: true }), ...SELECT, toggle('allLayers')],
  wand: [choice('how', ['replace', 'add', 'subtract', 'intersect']), range('tolerance', 0, 255, ''), toggle('allLayers')],
  colour: [choice('how', ['replace', 'add', 'subtract', 'intersect']), range('tolerance', 0, 255, ''), range('soft', 0, 255, ''), toggle('allLayers')],
  brush: BRUSH, eraser: BRUSH,
  heal: [range('edge', 0, 20, 'px')],
  clone: [...ROUND, range('opacity', 1, 100), range('flow', 1, 100), ...SOURCE, ...MOVED, toggle('pressureFlow')],
  healing: [...ROUND, ...SOURCE, ...MOVED], spot: [...ROUND, toggle('below'), ...MOVED],
  redeye: [range('size', 1, 2000, 'px', { curve: true }), range('tolerance', 0, 255, ''), range('darkness', 0, 100)],
  dodge: TONES, burn: TONES,
  liquify: [choice('effect', ['push', 'pinch', 'bloat', 'twirl', 'untwirl', 'restore']), range('size', 2, 2000, 'px', { curve: true }), range('strength', 1, 100)],
  smudge: [range('strength', 1, 100), ...ROUND, range('spacing', 2, 200), range('smoothing', 0, 100), toggle('pressureFlow')],
  fill: [range('opacity', 1, 100), choice('mode', MODES), toggle('contiguous'), range('tolerance', 0, 255, '')],
  gradient: [choice('shape', ['linear', 'radial', 'conic']), choice('ends', ['colours', 'clear']), range('opacity', 1, 100), choice('mode', MODES)],
  pick: [choice('sample', ['1', '3', '5', '11'])],
  text: [
    choice('family', ['sans', 'serif', 'mono', 'round', 'poster', 'script', 'hand']), choice('weight', ['400', '700']), range('letters', 1, 2000, 'px', { curve: true }),
    choice('align', ['auto', 'left', 'center', 'right']), range('leading', 50, 400), range('tracking', -500, 2000, '‰'), range('bend', -100, 100), range('outline', 0, 200, 'px', { curve: true }),
    toggle('shadow'), range('shadowX', -200, 200, 'px'), range('shadowY', -200, 200, 'px'), range('shadowBlur', 0, 100, 'px'),
  ],
  hand: [], zoom: [],
};

const FIRST = {
  size: 24, hardness: 80, opacity: 100, flow: 100, spacing: 10, smoothing: 20, pressureSize: true, pressureFlow: false, how: 'replace', feather: 0,
  tolerance: 32, soft: 0, allLayers: true, mode: 'normal', contiguous: true, shape: 'linear', ends: 'colours', sample: '1', edge: 2, aligned: true, below: false, range: 'midtones', exposure: 20, strength: 60, darkness: 40, effect: 'push',
  family: 'sans', weight: '400', letters: 48, align: 'auto', leading: 120, tracking: 0, bend: 0, outline: 0, shadow: false, shadowX: 4, shadowY: 4, shadowBlur: 8,
};

// Where a tool begins otherwise than the others do.
const SOFT = { size: 60, hardness: 30 };
const FIRST_OF = {
  quick: { how: 'add', size: 40 }, clone: SOFT, healing: { size: 40 }, spot: { size: 40 }, dodge: SOFT, burn: SOFT, smudge: SOFT, redeye: { size: 60, tolerance: 128 }, liquify: { size: 120, strength: 100 },
};

/** What brushes begin with for this person: `pressure` is what a pen's pressure changes. */
const preferred = (pressure) => ({ pressureSize: pressure === 'size' || pressure === 'both', pressureFlow: pressure === 'flow' || pressure === 'both' });

export class Options extends EventTarget {
  constructor(storage, pressure = 'size') {
    super();
    this.storage = storage;
    this.first = { ...FIRST, ...preferred(pressure) };
    this.front = '#1a1a1a';
    this.back = '#ffffff';
    this.tools = {};
    this.hints = []; // that were shown in this browser
    this.masks = false; // whether it is a mask that is painted on, which has sizes of its own
    try {
      const { front, back, tools, hints } = JSON.parse(storage?.getItem(KEY) ?? '{}');
      Object.assign(this, { front: front ?? this.front, back: back ?? this.back, tools: tools ?? {}, hints: hints ?? [] });
    } catch {
      // What was kept can't be read; the first values do.
    }
  }

  get(tool, name) {
    return this.tools[this.holder(tool, name)]?.[name] ?? this.tools[tool]?.[name] ?? FIRST_OF[tool]?.[name] ?? this.first[name];
  }

  holder(tool, name) {
    return this.masks && name === 'size' ? `${tool} mask` : tool;
  }

  has(tool, name) {
    return OPTIONS[tool]?.some((option) => option.name === name);
  }

  set(tool, name, value) {
    const option = OPTIONS[tool].find((other) => other.name === name);
    if (!option) return;
    const held = option.kind === 'range' ? Math.min(option.max, Math.max(option.min, Math.round(value))) : value;
    (this.tools[this.holder(tool, name)] ??= {})[name] = held;
    this.changed();
  }

  setColours(front, back) {
    Object.assign(this, { front, back });
    this.changed();
  }

  changed() {
    const { front, back, tools, hints } = this;
    try {
      this.storage?.setItem(KEY, JSON.stringify({ front, back, tools, hints }));
    } catch {
      // No room, or not allowed: the values hold until the page is left.
    }
    this.dispatchEvent(new Event('change'));
  }
}

/** A size one step larger (1) or smaller (-1): by a pixel while small, by a tenth later. */
export function steppedSize(size, direction) {
  const step = Math.max(1, Math.round(size / 10));
  return Math.max(1, Math.min(2000, direction > 0 ? size + step : size - Math.max(1, Math.round(size / 11))));
}

/** Chance for an operation that takes some, kept in it so that it makes the same pixels each time. */
export const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] & 0x7fffffff;
