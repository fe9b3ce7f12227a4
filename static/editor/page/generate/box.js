// A box of whole pixels, [x0, y0, x1, y1], that a person moves by its edges and resizes by its handles. Pure.

const REACH = 10; // pixels of the page around an edge in which it is taken
const SIDES = { n: [0, -1], s: [0, 1], w: [-1, 0], e: [1, 0], nw: [-1, -1], ne: [1, -1], sw: [-1, 1], se: [1, 1] };

/** What of a box a point of the screen takes: a side or corner to resize by ('n', 'se', …), 'move' for an edge, or null. */
export function grip([x0, y0, x1, y1], { x, y }, reach = REACH) {
  const [middleX, middleY] = [(x0 + x1) / 2, (y0 + y1) / 2];
  for (const [name, [sx, sy]] of Object.entries(SIDES).reverse()) {
    const at = [sx < 0 ? x0 : sx > 0 ? x1 : middleX, sy < 0 ? y0 : sy > 0 ? y1 : middleY];
    if (Math.abs(x - at[0]) <= reach && Math.abs(y - at[1]) <= reach) return name;
  }
  const within = x >= x0 - reach && x <= x1 + reach && y >= y0 - reach && y <= y1 + reach;
  const inside = x > x0 + reach && x < x1 - reach && y > y0 + reach && y < y1 - reach;
  return within && !inside ? 'move' : null;
}

/** The cursor that says what a press would do. */
export const cursorOf = (taken) => ({ move: 'move', n: 'ns-resize', s: 'ns-resize', w: 'ew-resize', e: 'ew-resize', nw: 'nwse-resize', se: 'nwse-resize', ne: 'nesw-resize', sw: 'nesw-resize' })[taken] ?? '';

export const moved = ([x0, y0, x1, y1], dx, dy) => [x0 + dx, y0 + dy, x1 + dx, y1 + dy];

/** A box that is dragged by a grip over dx, dy; never smaller than `least` a side. */
export function dragged([x0, y0, x1, y1], taken, dx, dy, least = 1) {
  if (taken === 'move') return moved([x0, y0, x1, y1], dx, dy);
  const [sx, sy] = SIDES[taken];
  return [
    sx < 0 ? Math.min(x0 + dx, x1 - least) : x0, sy < 0 ? Math.min(y0 + dy, y1 - least) : y0,
    sx > 0 ? Math.max(x1 + dx, x0 + least) : x1, sy > 0 ? Math.max(y1 + dy, y0 + least) : y1,
  ];
}

/** Where the eight handles of a box stand. */
export const handles = ([x0, y0, x1, y1]) =>
  Object.values(SIDES).map(([sx, sy]) => ({ x: sx < 0 ? x0 : sx > 0 ? x1 : (x0 + x1) / 2, y: sy < 0 ? y0 : sy > 0 ? y1 : (y0 + y1) / 2 }));

export const rounded = (box) => box.map(Math.round);
export const sizeOf = ([x0, y0, x1, y1]) => ({ width: x1 - x0, height: y1 - y0 });
export const same = (a, b) => a === b || (a && b && a.every((value, i) => value === b[i]));
