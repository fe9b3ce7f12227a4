// Brush and eraser: the pen's path becomes integer samples here, before anything is drawn, so that what is shown is what is saved.
import { greyOf, toNumber } from '../colour.js';
import { Smoother } from '../smoothing.js';

const round = Math.round;

/** What every stroke is drawn with. */
export function strokeOf({ options, layer }, tool, pen) {
  const get = (name) => options.get(tool, name);
  return {
    layer, radius: Math.max(8, round(get('size') * 8)), hardness: round(get('hardness') * 2.55), spacing: Math.max(3, round(get('spacing') * 2.56)),
    flags: pen ? (get('pressureSize') ? 1 : 0) | (get('pressureFlow') ? 2 : 0) : 0,
  };
}

export const flowOf = ({ options }, tool) => Math.max(1, round((options.get(tool, 'flow') / 100) ** 2 * 32767));

let drawn = null; // what keeps the stroke in hand (drawn.js), from the first one on
const keep = (app) => import('../drawn.js').then(({ Drawn }) => (drawn ??= new Drawn(app)), () => {}); // out of reach: nothing is kept

export function bodyOf(app, tool, pen) {
  const { options } = app;
  const mask = app.target === 'mask';
  const body = {
    ...strokeOf(app, tool, pen), target: app.target, tool: tool === 'eraser' && !mask ? 'erase' : 'brush', opacity: round(options.get(tool, 'opacity') * 2.55),
    flow: flowOf(app, tool),
  };
  if (mask) body.value = tool === 'eraser' ? 0 : greyOf(options.front);
  else if (tool === 'brush') body.rgb = toNumber(options.front);
  return body;
}

/** begin(app, tool, point, pen): what a stroke is begun with, { kind, body }, or null where it can't be. */
export function brush(tool, begin = (app, name, _point, pen) => ({ body: bodyOf(app, name, pen) })) {
  let smoother = null;
  let last = null;
  let stroke = null;
  const sampleOf = ({ x, y, pressure }) => [round(x * 16), round(y * 16), round(pressure * 255)];
  const send = (app, points) => {
    const samples = Int32Array.from(points.flatMap(sampleOf));
    stroke.samples.push(...samples);
    drawn?.grew(stroke);
    app.link.tell('stroke.add', { samples }, [samples.buffer]);
  };
  return {
    name: tool,
    paints: true,
    down(app, point, { pen = false, shift = false } = {}) {
      const begun = begin(app, tool, point, pen);
      if (!begun) return;
      smoother = new Smoother(pen || point.typed ? 0 : app.options.get(tool, 'smoothing'));
      if (pen) smoother = new Smoother(app.options.get(tool, 'smoothing') / 2);
      app.link.tell('stroke.begin', begun);
      stroke = { tool, kind: 'stroke', ...begun, samples: [] };
      if (!drawn) keep(app);
      // With Shift, a straight line from where the last stroke ended.
      send(app, shift && last ? [{ ...last, pressure: point.pressure }, smoother.add(point)] : [smoother.add(point)]);
      last = point;
    },
    move(app, points) {
      if (!smoother) return;
      send(app, points.map((point) => smoother.add(point)));
      last = points.at(-1);
    },
    up(app) {
      if (!smoother) return;
      const rest = smoother.rest();
      if (rest.length) send(app, rest);
      app.link.tell('stroke.end');
      drawn?.end();
      smoother = null;
    },
    drop(app) {
      smoother = null;
      app.link.tell('stroke.drop');
      drawn?.end();
    },
    restore: async (app, values) => (await import('../drawn.js')).restore(app, values),
  };
}
