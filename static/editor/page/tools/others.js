// Move, fill, gradient, colour picker, hand and zoom.
import { clear, opaque, toHex } from '../colour.js';

const percent = (value) => Math.round(value * 2.55);

export function move() {
  let from = null;
  let by = [0, 0];
  let copy = false;
  return {
    name: 'move',
    down(_app, point, { alt = false } = {}) {
      from = point;
      copy = alt;
      by = [0, 0];
    },
    move(app, points) {
      if (!from || !app.layer) return;
      const to = points.at(-1);
      by = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
      app.link.tell('shift', { layer: app.layer, dx: by[0], dy: by[1], selected: app.movesSelection(), copy });
      app.status(`${by[0]}, ${by[1]}`);
    },
    up(app) {
      if (!from || !app.layer) return;
      from = null;
      app.moveBy(...by, copy);
    },
    drop(app) {
      from = null;
      app.link.tell('shift.drop');
    },
  };
}

export function fillBody({ options, layer }) {
  return { layer, rgba: opaque(options.front), opacity: percent(options.get('fill', 'opacity')), mode: options.get('fill', 'mode') };
}

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

export function hand() {
  let from = null;
  return {
    name: 'hand',
    screen: true,
    down(_app, point) {
      from = point;
    },
    move(app, points) {
      const to = points.at(-1);
      if (!from) return;
      app.view.pan(to.px - from.px, to.py - from.py);
      from = to;
      app.look();
    },
    up() {
      from = null;
    },
    drop() {
      from = null;
    },
  };
}

export function zoom() {
  return {
    name: 'zoom',
    screen: true,
    down(app, point, { alt = false } = {}) {
      app.view.step(alt ? -1 : 1, point.px, point.py);
      app.look();
    },
    move() {},
    up() {},
    drop() {},
  };
}
