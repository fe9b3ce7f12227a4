// How a shape is drawn over the picture while it is made or changed: its outline and its handles.
import { outline } from '../../worker/shapes/outlines.js';
import { UNIT } from './values.js';

/** The outline of a shape as the overlay draws it. */
export function pathOf(shape, place = ([x, y]) => ({ x: x / UNIT, y: y / UNIT })) {
  const path = new Path2D();
  const numbers = (points) => points.map(place).flatMap(({ x, y }) => [x, y]);
  for (const [verb, points] of outline(shape)) {
    if (verb === 4) path.closePath();
    else path[['moveTo', 'lineTo', 'quadraticCurveTo', 'bezierCurveTo'][verb]](...numbers(points));
  }
  return path;
}

export function drawHandle(context, { x, y }, ratio) {
  const side = 8 * ratio;
  context.fillStyle = '#fff';
  context.strokeStyle = '#000';
  context.lineWidth = ratio;
  context.fillRect(x - side / 2, y - side / 2, side, side);
  context.strokeRect(x - side / 2, y - side / 2, side, side);
}
