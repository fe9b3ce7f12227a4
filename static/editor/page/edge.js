// What is drawn over the picture: the edge of the selection (slanting stripes of black and white run along it, whatever way its many short lines
// go), what a tool has begun, the crosshair. Loaded with the first of them.

let striped = null; // the stripes, and for how many device pixels a pixel of the page they are

/** dash: how wide a stripe is, in pixels of the page. */
export function drawEdge({ context, view, ratio, path, phase }, dash) {
  const { x, y, scale } = view;
  const placed = new Path2D();
  placed.addPath(path, new DOMMatrix([scale, 0, 0, scale, -x * scale, -y * scale]));
  if (striped?.ratio !== ratio) striped = { ratio, canvas: stripes(Math.round(2 * dash * ratio)) };
  const pattern = context.createPattern(striped.canvas, 'repeat');
  pattern.setTransform(new DOMMatrix().translate(phase * ratio, 0));
  context.lineWidth = ratio;
  context.strokeStyle = pattern;
  context.stroke(placed);
}

function stripes(side) {
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const context = canvas.getContext('2d');
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      context.fillStyle = (row + column) % side < side / 2 ? '#000' : '#fff';
      context.fillRect(column, row, 1, 1);
    }
  }
  return canvas;
}

/** A line that is seen on every colour: white over black, dashed; stripe: how long a dash is, in pixels of the page. */
export function twoColours({ context, view, ratio, phase }, path, dashed, stripe) {
  const { scale } = view;
  context.save();
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
  context.lineWidth = ratio / scale;
  context.strokeStyle = '#000';
  context.stroke(path);
  const dash = (stripe * ratio) / scale;
  if (dashed) {
    context.setLineDash([dash, dash]);
    context.lineDashOffset = (-phase * ratio) / scale;
  } else context.lineWidth = ratio / 2 / scale;
  context.strokeStyle = '#fff';
  context.stroke(path);
  context.restore();
}

/** What a tool has begun, by its points. */
export function drawDraft(overlay, stripe) {
  const { context, view, ratio, points, closed } = overlay;
  const path = new Path2D();
  points.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  if (closed) path.closePath();
  twoColours(overlay, path, true, stripe);
  if (closed) return;
  for (const point of points) {
    const { x, y } = view.toScreen(point.x, point.y);
    context.beginPath();
    context.arc(x, y, 3.5 * ratio, 0, 7);
    context.fillStyle = '#fff';
    context.fill();
    context.lineWidth = ratio;
    context.strokeStyle = '#000';
    context.stroke();
  }
}

/** The crosshair of the keys. */
export function drawCross({ context, view, ratio, crosshair }) {
  const { x, y } = view.toScreen(crosshair.x, crosshair.y);
  const [gap, arm] = [(crosshair.down ? 0 : 4) * ratio, 14 * ratio];
  for (const [width, colour] of [[3, '#000'], [1.5, crosshair.down ? '#8fa4ff' : '#fff']]) {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * gap, y + dy * gap);
      context.lineTo(x + dx * arm, y + dy * arm);
    }
    context.lineWidth = width * ratio;
    context.strokeStyle = colour;
    context.stroke();
  }
}
