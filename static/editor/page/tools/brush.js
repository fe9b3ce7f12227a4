// Brush and eraser: the pen's path becomes integer samples here, before anything is drawn, so that what is shown is what is saved.
import { greyOf, toNumber } from '../colour.js';
import { Smoother } from '../smoothing.js';

const round = Math.round;

export function bodyOf(app, tool, pen) {
  const { options } = app;
  const get = (name) => options.get(tool, name);
  const mask = app.target === 'mask';
  const body = {
    layer: app.layer, target: app.target, tool: tool === 'eraser' && !mask ? 'erase' : 'brush', radius: Math.max(8, round(get('size') * 8)),
    hardness: round(get('hardness') * 2.55), opacity: round(get('opacity') * 2.55), flow: Math.max(1, round((get('flow') / 100) ** 2 * 32767)),
    spacing: Math.max(3, round(get('spacing') * 2.56)), flags: pen ? (get('pressureSize') ? 1 : 0) | (get('pressureFlow') ? 2 : 0) : 0,
  };
  if (mask) body.value = tool === 'eraser' ? 0 : greyOf(options.front);
  else if (tool === 'brush') body.rgb = toNumber(options.front);
  return body;
}

export function brush(tool) {
  let smoother = null;
  let last = null;
  const sampleOf = ({ x, y, pressure }) => [round(x * 16), round(y * 16), round(pressure * 255)];
  const send = (app, points) => {
    const samples = Int32Array.from(points.flatMap(sampleOf));
    app.link.tell('stroke.add', { samples }, [samples.buffer]);
  };
  return {
    name: tool,
    paints: true,
    down(app, point, { pen = false, shift = false } = {}) {
      smoother = new Smoother(pen || point.typed ? 0 : app.options.get(tool, 'smoothing'));
      if (pen) smoother = new Smoother(app.options.get(tool, 'smoothing') / 2);
      app.link.tell('stroke.begin', { body: bodyOf(app, tool, pen) });
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
      smoother = null;
    },
    drop(app) {
      smoother = null;
      app.link.tell('stroke.drop');
    },
  };
}
