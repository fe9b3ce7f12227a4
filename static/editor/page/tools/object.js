// Select object: a click on a thing or a box around it is sent to the server, and what is found becomes a selection.
import { newId } from '../../worker/ids.js';
import { call } from '../files/calls.js';
import { say } from '../say.js';
import { sentenceOf, word } from '../words.js';
import { howOf, select } from './select.js';

const LIVE = new Set(['preparing', 'queued', 'running']);
const SOON = 200; // ms until the server is asked how far it is; each time a little longer
const SELDOM = 1500;
const SPOKEN = 1000; // ms until what was found is said to who doesn't see it
const DRAGGED = 5; // pixels of the screen from which on a press is a box and not a click

const after = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

/** A click as the server takes it, or a box inside of the picture; null where neither lies in it. */
export function wishOf(from, to, { width, height }) {
  if (to) {
    const [x0, x1] = [from.x, to.x].map((x) => Math.max(0, Math.min(width, Math.round(x)))).sort((a, b) => a - b);
    const [y0, y1] = [from.y, to.y].map((y) => Math.max(0, Math.min(height, Math.round(y)))).sort((a, b) => a - b);
    return x0 < x1 && y0 < y1 ? { box: [x0, y0, x1, y1] } : null;
  }
  const [x, y] = [Math.floor(from.x), Math.floor(from.y)];
  return x >= 0 && y >= 0 && x < width && y < height ? { inside: [[x, y]] } : null;
}

export function object() {
  let from = null;
  let to = null;
  let how = 'replace';
  let laid = Promise.resolve(); // what was asked for becomes a selection in the order of the clicks
  const asking = new Set();

  async function found(app, wish, mine) {
    const { addresses, token } = app.generating.site;
    const post = (address, json) => call(address, { token, json });
    const operation = await app.link.ask('sent');
    let order = await post(addresses.orders, { tool: 'segment', id: newId(), operation, price: 0, ...wish });
    for (let pause = SOON; LIVE.has(order.state); pause = Math.min(SELDOM, pause * 1.2)) {
      await after(pause);
      order = mine.dropped ? await post(order.cancel, {}) : await call(order.url);
      if (mine.dropped) return null;
    }
    if (!order.results.length) throw new Error(order.sentence || word('object.nothing'));
    return { order, post };
  }

  async function lay(app, { order, post }, mode) {
    const { operations, what } = await post(order.results[0].use, { operation: await app.link.ask('sent') });
    for (const { body } of operations) await select(app, 'object', { ...body, how: mode });
    post(order.remove, {}).catch(() => {}); // what is left of it goes by itself after a while
    return what ? word('object.selected', { what }) : '';
  }

  /** Resolves once what was asked for is selected, or a sentence says why not. */
  async function ask(app, wish) {
    const mine = { dropped: false };
    const mode = how;
    asking.add(mine);
    app.status(word('object.looking'));
    const answer = found(app, wish, mine);
    answer.catch(() => {}); // it is said in its turn
    const before = laid;
    laid = (async () => {
      await before;
      let done = '';
      try {
        const result = await answer;
        if (result && !mine.dropped) done = await lay(app, result, mode);
      } catch (error) {
        if (!mine.dropped) app.refuse(sentenceOf(error.message));
      }
      asking.delete(mine);
      if (!asking.size) app.status(done);
      // How large it is has been said by then.
      if (done) setTimeout(() => say(done), SPOKEN);
    })();
    await laid;
  }

  return {
    name: 'object',
    down(app, point, keys = {}) {
      from = point;
      to = null;
      how = howOf(app, 'object', keys);
    },
    move(app, points) {
      if (!from) return;
      const last = points.at(-1);
      if (!to && Math.hypot(last.px - from.px, last.py - from.py) < DRAGGED * devicePixelRatio) return;
      to = last;
      app.overlay.draft([from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }], true);
    },
    up(app) {
      if (!from) return;
      const wish = wishOf(from, to, app.state);
      from = to = null;
      app.overlay.draft(null);
      if (wish) ask(app, wish);
      else app.refuse(word('object.outside'));
    },
    /** A box in hand is given up, as by two fingers; what was asked for goes on. Returns whether there was one. */
    undo(app) {
      const was = Boolean(from);
      from = to = null;
      app.overlay.draft(null);
      return was;
    },
    /** Whoever takes another tool or presses Escape doesn't wait for an answer any more. */
    drop(app) {
      from = to = null;
      app.overlay.draft(null);
      for (const mine of asking) mine.dropped = true;
    },
  };
}
