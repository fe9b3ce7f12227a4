// A text's path when it is bent: a part of a circle as cubic curves, as long as its longest line.

const PIECES = 4;

/** The bend that a path was made with, in whole percent; 0 without one. */
export function bendOf(path) {
  if (!path) return 0;
  const [[ax, ay], [bx, by]] = path;
  const turn = Math.abs(Math.atan2(by - ay, bx - ax)); // it begins half of its part of the circle before its middle
  const up = path[path.length >> 1].at(-1) <= ay ? 1 : -1;
  return up * Math.round((turn * 100) / Math.PI);
}

/** length: of the longest line in pixels; bend: percent of a whole circle, upwards in the middle, or downwards below 0. */
export function arc({ x, y, size, width }, length, bend) {
  const long = Math.max(length, size / 16) * 1.02; // so that a whole circle's ends don't touch
  const angle = (Math.PI * 2 * Math.abs(bend)) / 100;
  const radius = long / angle;
  const up = bend > 0 ? 1 : -1;
  const middle = { x: x / 16 + (width ? width / 32 : long / 2), y: y / 16 + size / 16 + up * radius };
  const at = (turn) => [middle.x + radius * Math.sin(turn), middle.y - up * radius * Math.cos(turn)];
  const along = (turn) => [Math.cos(turn), up * Math.sin(turn)];
  const step = angle / PIECES;
  const reach = (radius * 4 * Math.tan(step / 4)) / 3;
  const whole = (values) => values.map((value) => Math.max(-524288, Math.min(524288, Math.round(value * 16))));
  const path = [whole(at(-angle / 2))];
  for (let piece = 0; piece < PIECES; piece++) {
    const [a, b] = [-angle / 2 + piece * step, -angle / 2 + (piece + 1) * step];
    const [from, to, out, into] = [at(a), at(b), along(a), along(b)];
    path.push(whole([from[0] + out[0] * reach, from[1] + out[1] * reach, to[0] - into[0] * reach, to[1] - into[1] * reach, ...to]));
  }
  return path;
}
