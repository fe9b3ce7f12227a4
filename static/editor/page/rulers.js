// Rulers along the picture's edges, loaded when they are first shown.

const RULER = 20;
const APART = 64; // pixels between the numbers of a ruler, at least

export function drawRulers(overlay) {
  const { context, canvas, view, ratio, colours } = overlay;
  const size = RULER * ratio;
  context.fillStyle = colours.plane;
  context.fillRect(0, 0, canvas.width, size);
  context.fillRect(0, 0, size, canvas.height);
  context.fillStyle = colours.text;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.font = `${10 * ratio}px Inter, sans-serif`;
  context.textBaseline = 'top';
  const step = rulerStep((APART * ratio) / view.scale);
  context.beginPath();
  for (let at = Math.floor(view.x / step) * step; at < view.x + canvas.width / view.scale; at += step) {
    const x = Math.round((at - view.x) * view.scale) + 0.5;
    if (x < size) continue;
    context.moveTo(x, 0);
    context.lineTo(x, size);
    context.fillText(String(at), x + 3 * ratio, 3 * ratio);
  }
  for (let at = Math.floor(view.y / step) * step; at < view.y + canvas.height / view.scale; at += step) {
    const y = Math.round((at - view.y) * view.scale) + 0.5;
    if (y < size) continue;
    context.moveTo(0, y);
    context.lineTo(size, y);
    context.save();
    context.translate(3 * ratio, y + 3 * ratio);
    context.rotate(Math.PI / 2);
    context.fillText(String(at), 0, -10 * ratio);
    context.restore();
  }
  context.moveTo(size + 0.5, size);
  context.lineTo(size + 0.5, canvas.height);
  context.moveTo(size, size + 0.5);
  context.lineTo(canvas.width, size + 0.5);
  context.stroke();
  context.fillStyle = colours.plane;
  context.fillRect(0, 0, size, size);
}

/** 1, 2 or 5 times a power of ten: the least that is not less. */
export function rulerStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
