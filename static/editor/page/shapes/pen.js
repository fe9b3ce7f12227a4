// The pen: a press sets a corner, a drag a smooth point. Enter or a double click ends, a press on the first point closes.
import { hold } from '../hand.js';
import { say } from '../say.js';
import { word } from '../words.js';
import { drawHandle, pathOf } from './marks.js';
import { UNIT } from './values.js';

const NEAR = 9; // pixels of the screen
const MOST = 1000;

export class Pen {
  constructor(room) {
    this.room = room;
    this.nodes = [];
    this.held = false;
  }

  down(point) {
    const { room, nodes } = this;
    if (!nodes.length && room.chosen?.shape.kind === 'path' && room.take(point)) return;
    if (nodes.length > 1 && this.isNear(nodes[0], point)) {
      this.end(true);
      return;
    }
    if (nodes.length >= MOST) return;
    nodes.push([point.x, point.y].map((value) => Math.round(value * UNIT)));
    this.held = true;
    this.changed();
  }

  isNear([x, y], point) {
    const at = this.room.app.view.toScreen(x / UNIT, y / UNIT);
    return Math.hypot(at.x - point.px, at.y - point.py) <= NEAR * this.room.app.ratio;
  }

  move(points) {
    if (this.room.dragged) {
      this.room.pull(points.at(-1));
      return;
    }
    if (!this.held) return;
    const node = this.nodes.at(-1);
    const [x, y] = [points.at(-1).x, points.at(-1).y].map((value) => Math.round(value * UNIT));
    if (this.isNear(node, points.at(-1))) node.length = 2;
    else node.splice(2, 4, 2 * node[0] - x, 2 * node[1] - y, x, y);
    this.changed();
  }

  up() {
    if (this.room.dragged) this.room.release();
    this.held = false;
  }

  /** Takes the last point back. Returns whether there was one. */
  undo() {
    const was = this.nodes.pop();
    if (!was) return false;
    this.held = false;
    this.changed();
    say(word('pen.points', { count: this.nodes.length }));
    return true;
  }

  /** Ends the path and adds it; what a double click set twice counts once. */
  async end(closed = false) {
    const nodes = this.nodes.filter((node, i, all) => !i || node.length > 2 || node[0] !== all[i - 1][0] || node[1] !== all[i - 1][1]);
    this.drop();
    if (nodes.length > 1) await this.room.add({ kind: 'path', nodes, closed, even_odd: false });
  }

  finish() {
    this.end();
  }

  /** Ends what is in hand: the document changes below it. */
  settle() {
    return this.end();
  }

  drop() {
    this.nodes = [];
    this.held = false;
    this.room.dragged = null;
    this.changed();
  }

  leave() {
    this.drop();
  }

  /** Takes up a path that was in hand when the page was left. */
  restore({ nodes }) {
    this.nodes = nodes;
    this.changed();
    return true;
  }

  hover() {}

  key(event) {
    if (!this.nodes.length) return false;
    if (event.key === 'Enter') this.end();
    else if (event.key === 'Backspace') this.undo();
    else return false;
    return true;
  }

  changed() {
    const { nodes, room: { app } } = this;
    hold(app, nodes.length ? { tool: 'pen', nodes } : null);
    app.overlay.frame();
  }

  draw(context) {
    const { nodes, room: { app } } = this;
    if (!nodes.length) {
      if (this.room.chosen?.shape.kind === 'path') this.room.drawChosen(context);
      return;
    }
    if (nodes.length > 1) app.overlay.twoColours(pathOf({ kind: 'path', nodes, closed: false }), true);
    for (const node of nodes) {
      for (let i = 0; i < node.length; i += 2) drawHandle(context, app.view.toScreen(node[i] / UNIT, node[i + 1] / UNIT), app.ratio);
    }
  }
}
