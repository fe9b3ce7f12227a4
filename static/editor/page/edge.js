// The edge of the selection: slanting stripes of black and white run along it, whatever way its many short lines go. Loaded with
// the first selection.

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
