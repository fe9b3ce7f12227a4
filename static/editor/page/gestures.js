// Two fingers move and scale the picture; a tap with two undoes, with three redoes.

const TAP_MS = 300;
const TAP_MOVE = 12; // device pixels

export class Gestures {
  constructor(app) {
    this.app = app;
    this.fingers = new Map();
    this.pinching = false;
    this.most = 0;
    this.moved = false;
    this.began = 0;
  }

  /** A finger touches. Returns whether the fingers scale the picture now, so that no tool may go on. */
  down({ pointerId }, point) {
    if (!this.fingers.size) Object.assign(this, { most: 0, moved: false, began: performance.now(), pinching: false });
    this.fingers.set(pointerId, { from: point, at: point });
    this.most = Math.max(this.most, this.fingers.size);
    if (this.fingers.size > 1) this.pinching = true;
    return this.pinching;
  }

  /** A finger moves. Returns whether no tool is to hear of it: it scales the picture, or is a hand at rest. */
  move({ pointerId }, point) {
    const finger = this.fingers.get(pointerId);
    if (!finger) return true;
    const before = this.pair();
    finger.at = point;
    if (Math.hypot(point.px - finger.from.px, point.py - finger.from.py) > TAP_MOVE) this.moved = true;
    if (!this.pinching) return false;
    const after = this.pair();
    if (before && after && this.moved) {
      const { view } = this.app;
      view.pan(after.px - before.px, after.py - before.py);
      if (before.apart > 0) view.zoomTo((view.scale * after.apart) / before.apart, after.px, after.py);
      this.app.look();
    }
    return true;
  }

  up({ pointerId }) {
    this.fingers.delete(pointerId);
    if (this.fingers.size || !this.pinching) return;
    this.pinching = false;
    if (this.moved || performance.now() - this.began > TAP_MS) return;
    if (this.most === 2) this.app.run('undo');
    if (this.most === 3) this.app.run('redo');
  }

  /** A pen has come: whatever touches is the hand that holds it. */
  forget() {
    this.fingers.clear();
    this.pinching = false;
  }

  /** Where two fingers are, and how far apart. */
  pair() {
    const [a, b] = [...this.fingers.values()].map((finger) => finger.at);
    if (!b) return null;
    return { px: (a.px + b.px) / 2, py: (a.py + b.py) / 2, apart: Math.hypot(a.px - b.px, a.py - b.py) };
  }
}
