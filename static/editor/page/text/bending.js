// A text's path when it is bent: a part of a circle as cubic curves, as long as its longest line.

const PIECES = 4;

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

/** How much a path of `arc` is bent, by how far its pieces turn; 0 without one. */
export function bendOf(path) {
  if (!path) return 0;
  const nodes = path.map((part) => part.slice(-2));
  const ways = nodes.slice(1).map(([x, y], i) => [x - nodes[i][0], y - nodes[i][1]]);
  const turns = ways.slice(1).map(([x, y], i) => Math.atan2(ways[i][0] * y - ways[i][1] * x, ways[i][0] * x + ways[i][1] * y));
  const piece = turns.reduce((sum, turn) => sum + turn, 0) / (turns.length || 1);
  return Math.round((100 * piece * ways.length) / (2 * Math.PI)) || 0;
}
