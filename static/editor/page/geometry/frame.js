// How frames of four corners are drawn and where they are taken: handles, thirds, what lies outside darkened.
import { add, far, minus, times } from './maths.js';

const HANDLE = 9; // pixels of the page
const CHOSEN = 13;
export const SIDES = { nw: [-1, -1], n: [0, -1], ne: [1, -1], e: [1, 0], se: [1, 1], s: [0, 1], sw: [-1, 1], w: [-1, 0] };

/** Where the eight handles of corners stand, by name. */
export function handlesOf([a, b, c, d]) {
  const half = (p, q) => times(add(p, q), 0.5);
  return { nw: a, n: half(a, b), ne: b, e: half(b, c), se: c, s: half(c, d), sw: d, w: half(d, a) };
}

/** What of a frame a point of the screen takes: a handle by its name, 'move' inside, or null. Corners come first. */
export function taken(corners, { px, py }, reach) {
  const handles = handlesOf(corners);
  for (const name of ['nw', 'ne', 'se', 'sw', 'n', 'e', 's', 'w']) {
    if (far(minus(handles[name], { x: px, y: py })) <= reach) return name;
  }
  return contains(corners, px, py) ? 'move' : null;
}

function contains(corners, x, y) {
  return corners.reduce((inside, a, i) => {
    const b = corners[(i + 1) % corners.length];
    return (a.y > y) !== (b.y > y) && x < a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y) ? !inside : inside;
  }, false);
}

/** The cursor over a handle: along the line from the middle to it. */
export function cursorOf(name, corners) {
  if (!name || name === 'move') return name ?? '';
  const handles = handlesOf(corners);
  const { x, y } = minus(handles[name], times(add(handles.nw, handles.se), 0.5));
  const turn = ((Math.atan2(y, x) * 4) / Math.PI + 8) % 4;
  return ['ew-resize', 'nwse-resize', 'ns-resize', 'nesw-resize'][Math.round(turn) % 4];
}

/** Draws a frame whose corners are places of the screen. */
export function drawFrame(context, corners, ratio, { thirds = false, outside = null } = {}) {
  const path = new Path2D();
  corners.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  if (outside) {
    const around = new Path2D(path);
    around.rect(0, 0, context.canvas.width, context.canvas.height);
    context.fillStyle = outside;
    context.fill(around, 'evenodd');
  }
  if (thirds) lines(context, corners, ratio);
  for (const [colour, width] of [['#000000b3', 3], ['#fff', 1.25]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * ratio;
    context.stroke(path);
  }
  for (const place of Object.values(handlesOf(corners))) drawHandle(context, place, ratio);
}

function drawHandle(context, { x, y }, ratio, isChosen = false) {
  const side = (isChosen ? CHOSEN : HANDLE) * ratio;
  context.beginPath();
  context.roundRect(x - side / 2, y - side / 2, side, side, 1.5 * ratio);
  context.fillStyle = isChosen ? '#000' : '#fff';
  context.fill();
  context.strokeStyle = isChosen ? '#fff' : '#000';
  context.lineWidth = (isChosen ? 2 : 1) * ratio;
  context.stroke();
}

/** Draws the lines of a grid and its handles, of which one is chosen, at places of the screen. */
export function drawGrid(context, lines, handles, chosen, ratio) {
  const path = new Path2D();
  for (const line of lines) line.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  for (const [colour, width] of [['#000000b3', 3], ['#ffffffcc', 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * ratio;
    context.stroke(path);
  }
  handles.forEach((place, i) => i !== chosen && drawHandle(context, place, ratio));
  drawHandle(context, handles[chosen], ratio, true);
}

function lines(context, [a, b, c, d], ratio) {
  const on = (p, q, part) => add(p, times(minus(q, p), part));
  context.beginPath();
  for (const part of [1 / 3, 2 / 3]) {
    for (const [from, to] of [[on(a, b, part), on(d, c, part)], [on(a, d, part), on(b, c, part)]]) {
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  }
  context.strokeStyle = '#ffffff80';
  context.lineWidth = ratio;
  context.stroke();
}
