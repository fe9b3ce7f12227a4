// Mouse, pen and fingers on the canvas. Every sample that the browser collected between two frames is used; pressure counts
// from pens only; a pointer that the system takes away ends its gesture as a lifted one does, so nothing drawn is lost.
import { Gestures } from './gestures.js';

const PEN_END = 5; // the button of a pen's other end, which rubs out
const PALM_MS = 500; // after a pen was near, in which a hand may rest
const PALM = 60; // pixels of the page that a finger is never wide
const PICKS = new Set(['brush', 'eraser', 'fill', 'gradient']);

export class Pointer {
  constructor(app, stage) {
    this.app = app;
    this.stage = stage;
    this.active = null; // the gesture in hand: { id, type, tool, over, direct, points }, whose tool is known once it has its turn
    this.penSeen = 0; // when a pen was near last; 0 is never
    this.space = false;
    this.gestures = new Gestures(app);
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'pointerleave', 'wheel', 'dblclick', 'contextmenu']) {
      stage.addEventListener(type, (event) => this[type](event), { passive: false });
    }
  }

  point(event) {
    const box = this.stage.getBoundingClientRect();
    const ratio = this.app.ratio;
    const [px, py] = [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
    return { ...this.app.view.toPicture(px, py), px, py, pressure: event.pointerType === 'pen' ? event.pressure : 1 };
  }

  toolFor(event, space) {
    const { app } = this;
    if (space || event.button === 1) return app.tools.get('hand');
    if (event.button === PEN_END) return app.tools.get('eraser');
    // Once a pen was seen, a finger moves the picture.
    if (event.pointerType === 'touch' && this.penSeen && app.tool.paints) return app.tools.get('hand');
    if (event.altKey && PICKS.has(app.tool.name)) return app.tools.get('pick');
    return app.tool;
  }

  /** Whether a touch is that of a hand that rests while a pen is in use. */
  rests({ pointerType, timeStamp, width, height }) {
    return pointerType === 'touch' && this.penSeen && (this.active?.type === 'pen' || timeStamp - this.penSeen < PALM_MS || Math.max(width, height) > PALM);
  }

  pointerdown(event) {
    if (event.button > 1 && event.button !== PEN_END) return;
    event.preventDefault();
    if (this.rests(event)) return;
    this.stage.focus({ preventScroll: true });
    if (event.pointerType === 'pen') {
      this.penSeen = event.timeStamp;
      // What a hand began that came down before its pen isn't meant.
      this.gestures.forget();
      if (this.active?.type === 'touch') this.drop();
    }
    if (event.pointerType === 'touch' && this.gestures.down(event, this.point(event))) {
      // A path only loses the first finger's point.
      if (this.active?.tool?.undo?.(this.app)) this.active = null;
      else this.drop();
      return;
    }
    if (this.active) return;
    const [point, { space }] = [this.point(event), this];
    const gesture = { id: event.pointerId, type: event.pointerType, tool: null, over: false, direct: this.isDirect(event), points: [] };
    this.active = gesture;
    this.inTurn(gesture, () => this.begin(gesture, event, point, space));
    if (this.active !== gesture) return;
    try {
      this.stage.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that is gone already can't be held; its events end by themselves.
    }
  }

  /** Whether a press moves the view, which waits for nothing but the choice of its tool. */
  isDirect(event) {
    const { space, app } = this;
    return Boolean(this.toolFor(event, space).screen) && (space || event.button === 1 || !app.turns.waiting.length);
  }

  inTurn({ direct }, work) {
    const { turns } = this.app;
    if (direct) turns.begin(work);
    else turns.take(work);
  }

  /** Gives a gesture the tool that is in hand by now. */
  begin(gesture, event, point, space) {
    if (gesture.over) return null;
    const { app } = this;
    const tool = this.toolFor(event, space);
    if (!app.mayUse(tool)) {
      if (this.active === gesture) this.active = null;
      return null;
    }
    gesture.tool = tool;
    app.cursor.hide();
    return tool.down(app, point, { pen: event.pointerType === 'pen', shift: event.shiftKey, alt: event.altKey });
  }

  pointermove(event) {
    if (event.pointerType === 'touch' && this.gestures.move(event, this.point(event))) return;
    if (event.pointerType === 'pen') this.penSeen = event.timeStamp;
    this.app.hover(this.point(event), event.pointerType);
    if (!this.active) {
      this.app.tool.hover?.(this.app, this.point(event));
      return;
    }
    const { active: gesture } = this;
    if (event.pointerId !== gesture.id) return;
    const all = event.getCoalescedEvents?.() ?? [];
    const points = (all.length ? all : [event]).map((each) => this.point(each));
    gesture.points.push(points);
    this.inTurn(gesture, () => this.follow(gesture));
  }

  /** Gives a gesture's tool the points that came next. */
  follow({ over, points, tool }) {
    const next = points.shift();
    return over || !next ? null : tool?.move(this.app, next);
  }

  pointerup(event) {
    if (event.pointerType === 'touch') this.gestures.up(event);
    if (this.active?.id === event.pointerId) this.lift();
  }

  pointercancel(event) {
    this.gestures.moved = true; // so it is no tap
    this.pointerup(event);
  }

  /** Ends the gesture in hand as if the pen were lifted. */
  lift() {
    this.end('up');
  }

  /** The page is left, and with it all that waits: a gesture that has begun ends at once. */
  leave() {
    if (this.active?.tool) this.active.direct = true;
    this.lift();
  }

  drop() {
    return this.end('drop');
  }

  /** Ends the gesture in hand, once. Returns whether there was one. */
  end(how) {
    const { active: gesture, app } = this;
    this.active = null;
    if (!gesture) return false;
    if (how === 'drop' && !gesture.tool) gesture.over = true; // nothing of it was begun that could be taken back
    this.inTurn(gesture, () => {
      if (gesture.over) return null;
      while (gesture.points.length) this.follow(gesture); // that would come too late
      gesture.over = true;
      return gesture.tool?.[how](app);
    });
    return true;
  }

  pointerleave() {
    if (!this.active) this.app.hover(null);
  }

  wheel(event) {
    event.preventDefault();
    const { view } = this.app;
    const { px, py } = this.point(event);
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      const amount = Math.max(-120, Math.min(120, event.deltaY * unit));
      view.zoomTo(view.scale * Math.exp(-amount * (Math.abs(amount) < 20 ? 0.012 : 0.003)), px, py);
    } else {
      const [dx, dy] = event.shiftKey && !event.deltaX ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      view.pan(-dx * unit * this.app.ratio, -dy * unit * this.app.ratio);
    }
    this.app.look();
    this.app.hover(this.point(event), 'mouse');
  }

  dblclick(event) {
    const { app } = this;
    const point = this.point(event);
    app.turns.take(() => app.tool.finish?.(app, point));
  }

  contextmenu(event) {
    event.preventDefault();
  }
}
