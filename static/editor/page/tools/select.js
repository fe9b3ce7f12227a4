// Rectangle, ellipse, lasso and polygon: a draft on the overlay, then one operation.
import { hold } from '../hand.js';
import { newSeed } from '../options.js';
import { word } from '../words.js';

const sixteenths = (points) => {
  const view = new DataView(new ArrayBuffer(8 * points.length));
  points.forEach(({ x, y }, i) => {
    view.setInt32(8 * i, Math.round(x * 16), true);
    view.setInt32(8 * i + 4, Math.round(y * 16), true);
  });
  return new Uint8Array(view.buffer);
};

export function ellipse(a, b) {
  const [cx, cy, rx, ry] = [(a.x + b.x) / 2, (a.y + b.y) / 2, Math.abs(a.x - b.x) / 2, Math.abs(a.y - b.y) / 2];
  const count = Math.max(16, Math.min(720, Math.round(Math.max(rx, ry))));
  return Array.from({ length: count }, (_, i) => {
    const turn = (2 * Math.PI * i) / count;
    return { x: cx + rx * Math.cos(turn), y: cy + ry * Math.sin(turn) };
  });
}

export const howOf = (app, tool, { shift, alt }) =>
  shift && alt ? 'intersect' : shift ? 'add' : alt ? 'subtract' : app.options.get(tool, 'how');

export function select(app, tool, body, blob) {
  const feather = app.options.get(tool, 'feather');
  return app.do('select', { ...body, ...(feather ? { feather } : {}) }, blob);
}

export function box(tool) {
  let from = null;
  let to = null;
  let how = 'replace';
  const corners = () => {
    const [x0, x1] = [from.x, to.x].map(Math.round).sort((a, b) => a - b);
    const [y0, y1] = [from.y, to.y].map(Math.round).sort((a, b) => a - b);
    return { x0, y0, x1, y1 };
  };
  return {
    name: tool,
    down(app, point, keys = {}) {
      from = to = point;
      how = howOf(app, tool, keys);
    },
    move(app, points) {
      if (!from) return;
      to = points.at(-1);
      const { x0, y0, x1, y1 } = corners();
      const a = { x: x0, y: y0 };
      const b = { x: x1, y: y1 };
      app.overlay.draft(tool === 'ellipse' ? ellipse(a, b) : [a, { x: x1, y: y0 }, b, { x: x0, y: y1 }], true);
      app.status(`${x1 - x0} × ${y1 - y0}`);
    },
    up(app) {
      if (!from) return;
      const { x0, y0, x1, y1 } = corners();
      from = null;
      app.overlay.draft(null);
      if (x0 === x1 || y0 === y1) {
        if (app.state.selected && how === 'replace') app.do('select', { shape: 'none' });
        return;
      }
      if (tool === 'rectangle') select(app, tool, { shape: 'rectangle', how, x0, y0, x1, y1 });
      else select(app, tool, { shape: 'outline', how }, sixteenths(ellipse({ x: x0, y: y0 }, { x: x1, y: y1 })));
    },
    drop(app) {
      from = null;
      app.overlay.draft(null);
    },
  };
}

export function lasso(tool) {
  let points = null;
  let how = 'replace';
  return {
    name: tool,
    down(app, point, keys = {}) {
      points = [point];
      how = howOf(app, tool, keys);
    },
    move(app, more) {
      if (!points) return;
      points.push(...more);
      app.overlay.draft(points, true);
    },
    up(app) {
      const done = points;
      points = null;
      app.overlay.draft(null);
      if (!done || done.length < 3) {
        if (app.state.selected && how === 'replace' && tool === 'lasso') app.do('select', { shape: 'none' });
        return;
      }
      const blob = sixteenths(thinned(done));
      if (tool === 'lasso') select(app, tool, { shape: 'outline', how }, blob);
      else remove(app, blob);
    },
    drop(app) {
      points = null;
      app.overlay.draft(null);
    },
  };
}

/** Fills what an outline holds from around it, in one step of the history. */
async function remove(app, blob) {
  const edge = app.options.get('heal', 'edge');
  app.status(word('working'));
  await app.doAll([
    ['select', { shape: 'outline', how: 'replace', ...(edge ? { feather: edge } : {}) }, blob],
    ['erase', { layer: app.layer, seed: newSeed() }],
    ['select', { shape: 'none' }],
  ]);
  app.status('');
}

/** At most as many points as the server takes. */
export function thinned(points) {
  const each = Math.ceil(points.length / 15_000);
  return points.filter((_, i) => i % each === 0);
}

export function polygon() {
  let points = [];
  let how = 'replace';
  let pointer = null;
  const show = (app) => {
    app.overlay.draft(points.length ? points : null, false);
    hold(app, points.length ? { tool: 'polygon', points, how } : null);
  };
  const close = (app) => {
    const done = points;
    points = [];
    show(app);
    return done.length >= 3 ? select(app, 'polygon', { shape: 'outline', how }, sixteenths(done)) : null;
  };
  return {
    name: 'polygon',
    down(app, point, keys = {}) {
      if (!points.length) how = howOf(app, 'polygon', keys);
      const near = points.length > 2 && Math.hypot(point.x - points[0].x, point.y - points[0].y) * app.view.scale < 10 * devicePixelRatio;
      const again = points.length > 2 && Math.hypot(point.x - points.at(-1).x, point.y - points.at(-1).y) * app.view.scale < 4;
      if (near || again) close(app);
      else {
        points.push(point);
        show(app);
      }
    },
    move() {},
    up() {},
    hover(app, point) {
      pointer = point;
      if (points.length) app.overlay.draft([...points, pointer], false);
    },
    finish: close,
    /** Ends what is in hand: the document changes below it. */
    settle: close,
    /** Takes the last point back. Returns whether there was one. */
    undo(app) {
      const was = points.pop();
      show(app);
      return Boolean(was);
    },
    drop(app) {
      points = [];
      show(app);
    },
    /** Takes up points that were set when the page was left. */
    restore(app, values) {
      ({ points, how } = values);
      show(app);
      return true;
    },
  };
}

export function wand(tool) {
  return {
    name: tool,
    down(app, point, keys = {}) {
      const all = app.options.get(tool, 'allLayers') || !app.layer;
      const body = {
        shape: tool, how: howOf(app, tool, keys), x: Math.floor(point.x), y: Math.floor(point.y), tolerance: app.options.get(tool, 'tolerance'),
        ...(all ? {} : { layer: app.layer }), ...(tool === 'colour' ? { soft: app.options.get(tool, 'soft') } : {}),
      };
      if (app.inside(point)) app.do('select', body);
    },
    move() {},
    up() {},
    drop() {},
  };
}
