// The pen for people who use keys: arrows move a crosshair, Enter puts the pen down and lifts it, Escape gives the gesture up.
import { say } from './say.js';
import { word } from './words.js';

const FAR = 10;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Cursor {
  constructor(app) {
    this.app = app;
    this.at = null;
    this.down = false;
  }

  /** Takes a key that was pressed while the canvas has the focus; returns whether it was for the crosshair. */
  key(event) {
    if (event.altKey && event.key === 'Enter' && this.app.tool.mark) {
      this.show();
      this.app.turns.hold(this.app.tool.mark(this.app, this.point()));
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const way = KEYS[event.key];
    if (way) this.move(way, event.shiftKey);
    else if (event.key === 'Enter') this.press(event.shiftKey);
    else return false;
    return true;
  }

  point() {
    const { view } = this.app;
    const { x, y } = view.toScreen(this.at.x, this.at.y);
    return { ...this.at, px: x, py: y, pressure: 1, typed: true };
  }

  show() {
    const { view } = this.app;
    if (!this.at) {
      const { x, y } = view.toPicture(view.width / 2, view.height / 2);
      this.at = { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
    }
    this.draw();
  }

  draw() {
    this.app.overlay.cross(this.at, this.down);
  }

  move([dx, dy], far) {
    const { app } = this;
    this.show();
    const step = Math.max(1, Math.round(1 / app.view.scale)) * (far ? FAR : 1);
    const clamp = (value, size) => Math.min(size - 0.5, Math.max(0.5, value));
    this.at = { x: clamp(this.at.x + dx * step, app.state.width), y: clamp(this.at.y + dy * step, app.state.height) };
    this.follow();
    this.draw();
    if (this.down) app.turns.hold(app.tool.move(app, [this.point()]));
    else app.tool.hover?.(app, this.point());
    const place = { x: Math.floor(this.at.x), y: Math.floor(this.at.y) };
    app.status(`${place.x}, ${place.y}`);
    say(word('at', place));
  }

  /** Brings the crosshair into sight. */
  follow() {
    const { view } = this.app;
    const { x, y } = view.toScreen(this.at.x, this.at.y);
    if (x >= 0 && y >= 0 && x < view.width && y < view.height) return;
    view.centre(this.at);
    this.app.look();
  }

  press(shift) {
    const { app } = this;
    if (app.tool.finish && shift) {
      app.turns.hold(app.tool.finish(app));
      return;
    }
    this.show();
    if (this.down) this.lift();
    else if (app.mayUse(app.tool)) {
      this.down = !['wand', 'colour', 'fill', 'pick', 'polygon', 'zoom'].includes(app.tool.name);
      app.turns.hold(app.tool.down(app, this.point()));
      say(word(this.down ? 'penDown' : 'done'));
    }
    this.draw();
  }

  lift() {
    this.down = false;
    this.app.turns.hold(this.app.tool.up(this.app));
    say(word('penUp'));
  }

  /** Gives the gesture up. Returns whether there was one. */
  drop() {
    const was = this.down;
    this.down = false;
    if (was) this.app.tool.drop(this.app);
    return was;
  }

  hide() {
    if (this.down) this.lift();
    this.at = null;
    this.app.overlay.cross(null);
  }
}
