// What the retouching tools do with a gesture: all but red eye are strokes whose pixels the worker makes.
import { hold } from '../hand.js';
import { say, toast } from '../say.js';
import { brush, flowOf, strokeOf } from '../tools/brush.js';
import { pack } from '../../worker/strokes.js';
import { percent } from '../colour.js';
import { word } from '../words.js';
import { MOST_BENT, workOf } from '../../worker/retouch/weight.js';
import { Source } from './source.js';

const MOST_POINTS = 15_000;
const MOST_RESTORED = 4_000;
const KEEP = 250; // ms between two times that what is bent is kept

const begin = (kind, more, flags = 3) => (app, tool, point, pen) => {
  const body = { ...strokeOf(app, tool, pen), ...more(app, tool) };
  return { kind: `retouch.${kind}`, body: { ...body, flags: body.flags & flags } };
};

const sampled = ({ options }, tool) => ({ all: options.get(tool, 'below'), opacity: options.has(tool, 'opacity') ? percent(options.get(tool, 'opacity')) : 255 });

/** Clone and heal: their pixels come from a point that was marked. */
function fromSource(tool, kind, more = () => ({})) {
  const source = new Source(tool);
  const stroke = brush(tool, (app, name, point, pen) => {
    const by = source.offset(app, point);
    return begin(kind, () => ({ ...sampled(app, name), ...by, ...more(app, name) }))(app, name, point, pen);
  });
  const { down, move, up, drop } = stroke;
  return {
    ...stroke,
    down(app, point, keys = {}) {
      source.attach(app);
      if (keys.alt || source.asked) source.mark(app, point);
      else if (!source.at) {
        toast(word('source.first'), 'warning');
      } else {
        source.drawing = point;
        down(app, point, keys);
      }
    },
    move(app, points) {
      if (!source.drawing) return;
      source.drawing = points.at(-1);
      app.overlay.frame();
      move(app, points);
    },
    up(app) {
      if (source.drawing) up(app);
      source.drawing = null;
      app.overlay.frame();
    },
    drop(app) {
      if (source.drawing) drop(app);
      source.drawing = null;
      source.asked = false;
    },
    hover(app, point) {
      source.attach(app);
      source.over = point;
      app.overlay.frame();
    },
    mark: (app, point) => source.mark(app, point),
    /** The next press marks; where the crosshair is shown, it does at once. */
    ask(app) {
      if (app.cursor.at) source.mark(app, app.cursor.point());
      else {
        source.asked = true;
        say(word('source.asked'));
        app.status(word('source.asked'));
        if (app.parts.root.dataset.open) app.sheet(''); // on a phone the panel lies over the picture
      }
      app.parts.stage.focus({ preventScroll: true });
    },
  };
}

const tone = (tool) => brush(tool, begin('tone', (app) => ({
  flow: flowOf(app, tool), tool, range: app.options.get(tool, 'range'), exposure: percent(app.options.get(tool, 'exposure')),
})));

/** A click takes an eye as large as the ring, a drag an ellipse between two points. */
function redEye() {
  let from = null;
  let to = null;
  const isDrag = ({ view }) => from !== to && (to.typed || Math.hypot(from.x - to.x, from.y - to.y) * view.scale > 6);
  const ellipseOf = (app) => {
    if (isDrag(app)) return [(from.x + to.x) / 2, (from.y + to.y) / 2, Math.abs(from.x - to.x) / 2, Math.abs(from.y - to.y) / 2];
    const radius = app.options.get('redeye', 'size') / 2;
    return [from.x, from.y, radius, radius];
  };
  return {
    down(_app, point) {
      from = to = point;
    },
    move(app, points) {
      if (!from) return;
      to = points.at(-1);
      const [cx, cy, rx, ry] = ellipseOf(app);
      const turn = (i) => (2 * Math.PI * i) / 48;
      app.overlay.draft(isDrag(app) ? Array.from({ length: 48 }, (_, i) => ({ x: cx + rx * Math.cos(turn(i)), y: cy + ry * Math.sin(turn(i)) })) : null, true);
    },
    async up(app) {
      if (!from) return;
      const [x, y, rx, ry] = ellipseOf(app).map((value) => Math.round(value * 16));
      from = null;
      app.overlay.draft(null);
      const { options } = app;
      await app.do('retouch.red', {
        layer: app.layer, x, y, rx: Math.max(8, Math.min(16384, rx)), ry: Math.max(8, Math.min(16384, ry)), tolerance: options.get('redeye', 'tolerance'),
        dark: percent(options.get('redeye', 'darkness')),
      });
    },
    drop(app) {
      from = null;
      app.overlay.draft(null);
    },
  };
}

/** What is bent is shown while the pen moves, made from the pixels before the stroke, or before those that it restores. */
function liquify() {
  let stroke = null; // in hand: its points and settings, and of one that restores what it restores
  let last = null;
  let way = 0; // of the pen, in pixels
  let kept = 0; // when it was, in ms
  const add = (points) => points.forEach((point) => {
    const { x, y, pressure } = point;
    if (last) way += Math.hypot(x - last.x, y - last.y);
    last = point;
    stroke.samples.push(Math.round(x * 16), Math.round(y * 16), Math.round(pressure * 255));
  });
  const operation = ({ samples, body, found }) => {
    if (!found) return { kind: 'retouch.liquify', body, blob: pack(Int32Array.from(samples)) };
    const { layer, how, radius, strength } = body;
    const strokes = [...found.strokes, { how, radius, strength, points: samples.length / 3 }];
    return { kind: 'retouch.bend', body: { layer, strokes }, blob: pack(Int32Array.from([...found.samples, ...samples])) };
  };
  const show = (app) => {
    if (!stroke.looking || stroke.found) app.link.tell('draft', { operation: operation(stroke), from: stroke.found?.from });
    if (!stroke.looking) keep(app, stroke);
  };
  const keep = (app, { body, samples }) => {
    if (performance.now() - kept < KEEP) return;
    kept = performance.now();
    hold(app, { tool: 'liquify', layer: body.layer, body, samples });
  };
  /** Looks for the strokes that one restores. */
  const look = async (app, mine) => {
    try {
      mine.found = await app.link.ask('branch', { act: 'bent', layer: mine.body.layer });
      if (!mine.found) toast(word('liquify.nothing'), 'warning');
    } catch (error) {
      app.refuse(error.message);
    }
    if (stroke !== mine) return;
    if (mine.found) show(app);
    else stroke = null;
  };
  const restore = async (app, mine) => {
    await mine.looking;
    if (!mine.found) return;
    const { body, blob } = operation(mine);
    const could = await app.link.ask('branch', { act: 'restored', from: mine.found.from, body, blob }).catch((error) => app.refuse(error.message));
    if (could === false) toast(word('liquify.full'), 'warning');
  };
  const tool = {
    down(app, point) {
      const { options } = app;
      last = null;
      way = 0;
      const body = {
        layer: app.layer, how: options.get('liquify', 'effect'), radius: Math.max(16, Math.round(options.get('liquify', 'size') * 8)),
        strength: percent(options.get('liquify', 'strength')),
      };
      stroke = { samples: [], body, looking: null, found: null };
      app.link.tell('load', { operation: { kind: 'retouch.liquify', body } });
      add([point]);
      if (body.how === 'restore') stroke.looking = look(app, stroke);
      else show(app);
    },
    move(app, points) {
      if (!stroke) return;
      add(points);
      if (workOf(stroke.body.radius, way) < MOST_BENT && stroke.samples.length < 3 * (stroke.looking ? MOST_RESTORED : MOST_POINTS)) {
        show(app);
        return;
      }
      tool.up(app); // more than the server takes at once goes on as a new stroke
      tool.down(app, last);
    },
    async up(app) {
      if (!stroke) return;
      const mine = stroke;
      stroke = null;
      if (mine.looking) await restore(app, mine);
      else {
        const { kind, body, blob } = operation(mine);
        const doing = app.do(kind, body, blob);
        hold(app, null);
        await doing;
      }
    },
    /** Does a stroke that was in hand when the page was left, as if the pen were lifted then. */
    restore: (app, { body, samples }) => app.do('retouch.liquify', body, pack(Int32Array.from(samples))),
    drop(app) {
      if (stroke) app.link.tell('shift.drop');
      stroke = null;
      hold(app, null);
    },
  };
  return tool;
}

export const TOOLS = {
  clone: () => fromSource('clone', 'clone', (app) => ({ flow: flowOf(app, 'clone') })),
  healing: () => fromSource('healing', 'heal'),
  spot: () => brush('spot', begin('spot', sampled)),
  liquify,
  redeye: redEye,
  dodge: () => tone('dodge'),
  burn: () => tone('burn'),
  smudge: () => brush('smudge', begin('smudge', ({ options }) => ({ strength: percent(options.get('smudge', 'strength')) }), 2)),
};
