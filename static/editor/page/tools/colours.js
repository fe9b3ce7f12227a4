// Fill, gradient and colour picker.
import { clear, opaque, percent, toHex } from '../colour.js';
import { fillBody } from '../commands.js';

export function fill() {
  return {
    name: 'fill',
    async down(app, point) {
      const { options } = app;
      const body = fillBody(app);
      if (app.state.selected || !options.get('fill', 'contiguous')) {
        app.do('fill', body);
        return;
      }
      if (!app.inside(point)) return;
      // What is joined to the point and like it, filled in one step of the history.
      const tolerance = options.get('fill', 'tolerance');
      await app.doAll([
        ['select', { shape: 'wand', how: 'replace', x: Math.floor(point.x), y: Math.floor(point.y), tolerance }],
        ['fill', body],
        ['select', { shape: 'none' }],
      ]);
    },
    move() {},
    up() {},
    drop() {},
  };
}

export function gradient() {
  let from = null;
  let to = null;
  return {
    name: 'gradient',
    down(_app, point) {
      from = to = point;
    },
    move(app, points) {
      if (!from) return;
      to = points.at(-1);
      app.overlay.draft([from, to], false);
    },
    up(app) {
      if (!from) return;
      const [a, b] = [from, to];
      from = null;
      app.overlay.draft(null);
      if (Math.hypot(a.x - b.x, a.y - b.y) < 1) return;
      const { options } = app;
      const end = options.get('gradient', 'ends') === 'clear' ? clear(options.front) : opaque(options.back);
      const [x0, y0, x1, y1] = [a.x, a.y, b.x, b.y].map((value) => Math.round(value * 16));
      app.do('gradient', {
        layer: app.layer, shape: options.get('gradient', 'shape'), x0, y0, x1, y1, stops: [[0, opaque(options.front)], [1023, end]],
        opacity: percent(options.get('gradient', 'opacity')), mode: options.get('gradient', 'mode'),
      });
    },
    drop(app) {
      from = null;
      app.overlay.draft(null);
    },
  };
}

export function pick() {
  const take = async (app, point) => {
    if (!app.inside(point)) return;
    const side = Number(app.options.get('pick', 'sample'));
    const colour = await app.link.ask('colour', { x: Math.floor(point.x), y: Math.floor(point.y), side });
    if (!colour || !colour[3]) return;
    app.options.setColours(toHex(colour), app.options.back);
    app.picked(toHex(colour));
  };
  return {
    name: 'pick',
    down: take,
    move(app, points) {
      take(app, points.at(-1));
    },
    up() {},
    drop() {},
  };
}
