// How often each value is there, below an adjustment.
import { CHANNELS } from '../../worker/kinds.js';

/** Counts of red, green, blue and luminosity; null where there are none. */
export const counts = (app, layer) => app.link.ask('histogram', { layer }).catch(() => null);

/** Draws the counts of a channel; of all together their luminosity. */
export function drawHistogram(canvas, all, channel) {
  const list = channel === 'all' ? all[3] : all[CHANNELS.indexOf(channel) - 1];
  const context = canvas.getContext('2d');
  const { width, height } = canvas;
  // A single value that is everywhere, a white ground say, doesn't make all others flat.
  const sorted = [...list].sort((a, b) => b - a);
  const most = Math.max(1, Math.min(sorted[0], 2 * sorted[4]) || sorted[0]);
  context.clearRect(0, 0, width, height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (let v = 0; v < 256; v++) {
    const bar = Math.min(height, Math.round((list[v] / most) * height));
    context.fillRect((v * width) / 256, height - bar, width / 256, bar);
  }
}
