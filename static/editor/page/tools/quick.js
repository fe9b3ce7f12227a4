// Quick selection: a stroke over a thing, in one operation; the worker finds where the thing ends.
import { pack } from '../../worker/strokes.js';
import { howOf, select, thinned } from './select.js';

export function quick() {
  let points = null;
  let how = 'add';
  return {
    name: 'quick',
    paints: true,
    down(app, point, keys = {}) {
      points = [point];
      how = howOf(app, 'quick', keys);
    },
    move(app, more) {
      if (!points) return;
      points.push(...more);
      app.overlay.draft(points, false);
    },
    up(app) {
      const done = points;
      points = null;
      app.overlay.draft(null);
      if (!done) return;
      const samples = thinned(done).flatMap(({ x, y }) => [Math.round(x * 16), Math.round(y * 16), 255]);
      const all = app.options.get('quick', 'allLayers') || !app.layer;
      const body = { shape: 'quick', how, brush: Math.max(8, Math.round(app.options.get('quick', 'size') * 8)), ...(all ? {} : { layer: app.layer }) };
      select(app, 'quick', body, pack(Int32Array.from(samples)));
    },
    drop(app) {
      points = null;
      app.overlay.draft(null);
    },
  };
}
