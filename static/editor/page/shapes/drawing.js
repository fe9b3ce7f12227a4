// The shape tool: dragging draws one from corner to corner; Shift keeps its sides equal, Alt draws it from the middle.
import { pathOf } from './marks.js';
import { UNIT, between, isOpen } from './values.js';

export class Drawing {
  constructor(room) {
    this.room = room;
    this.drag = null;
  }

  down(point) {
    if (!this.room.take(point)) this.drag = { from: point, to: point };
  }

  move(points) {
    if (this.room.dragged) {
      this.room.pull(points.at(-1));
      return;
    }
    if (!this.drag) return;
    this.drag.to = points.at(-1);
    this.room.app.overlay.frame();
    const [[x0, y0], [x1, y1]] = this.corners();
    this.room.app.status(`${Math.round(Math.abs(x1 - x0) / UNIT)} × ${Math.round(Math.abs(y1 - y0) / UNIT)}`);
  }

  /** From where to where the shape goes, in 64ths of a pixel. */
  corners() {
    const { drag: { from, to }, room: { keys, kind } } = this;
    let [dx, dy] = [to.x - from.x, to.y - from.y];
    if (keys.shift && isOpen(kind)) [dx, dy] = straight(dx, dy);
    else if (keys.shift) {
      const side = Math.max(Math.abs(dx), Math.abs(dy));
      [dx, dy] = [side * Math.sign(dx || 1), side * Math.sign(dy || 1)];
    }
    const begin = keys.alt ? [from.x - dx, from.y - dy] : [from.x, from.y];
    return [begin, [from.x + dx, from.y + dy]].map((point) => point.map((value) => Math.round(value) * UNIT));
  }

  get draft() {
    return between(this.room.kind, ...this.corners(), this.room.panel?.own ?? {});
  }

  async up() {
    if (this.room.dragged) {
      this.room.release();
      return;
    }
    if (!this.drag) return;
    const { draft } = this;
    const [[x0, y0], [x1, y1]] = this.corners();
    this.drop();
    if (Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) >= 2 * UNIT) await this.room.add(draft);
  }

  drop() {
    this.drag = null;
    this.room.dragged = null;
    this.room.app.overlay.frame();
    this.room.app.status('');
  }

  leave() {
    this.drop();
  }

  hover() {}

  finish() {}

  key(event) {
    return this.room.app.cursor.key(event);
  }

  draw(context) {
    if (this.drag) this.room.app.overlay.twoColours(pathOf(this.draft), true);
    else this.room.drawChosen(context);
  }
}

/** A direction turned to the nearest eighth of a turn. */
function straight(dx, dy) {
  const eighth = Math.PI / 4;
  const angle = Math.round(Math.atan2(dy, dx) / eighth) * eighth;
  const length = Math.hypot(dx, dy);
  return [Math.cos(angle) * length, Math.sin(angle) * length];
}
