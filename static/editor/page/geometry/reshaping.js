// What the tools have in common that reshape a layer, or what is selected of it: which one, and from when on to when.
import { hold } from '../hand.js';
import { say, toast } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';

export class Reshaping {
  constructor(room) {
    this.room = room;
    this.app = room.app;
    this.box = null; // of what is reshaped, before; undefined while that is looked up
    this.drag = null;
    this.doing = null; // what was applied last, on its way
  }

  /** Looks what is to be reshaped, where that has changed; resolves once it is known. */
  begin() {
    const { app } = this;
    const now = `${app.layer} ${app.state.history.head} ${app.state.selected}`;
    if (now !== this.of) app.turns.hold((this.looking = this.look(now)));
    return this.looking;
  }

  async look(now) {
    const { app } = this;
    this.of = now;
    if (this.isChanged && this.layer !== app.layer && placeOf(app.state.layers, this.layer)) {
      await this.apply(); // another layer was chosen; what is done to this one stays
      return;
    }
    const held = this.isChanged && this.layer === app.layer;
    if (!held) this.stand(undefined);
    this.layer = app.layer;
    const layer = placeOf(app.state.layers, app.layer)?.layer;
    const box = this.takes(layer) ? await app.link.ask('bounds', { layer: app.layer }).catch(() => null) : null;
    if (this.of !== now) return;
    if (held && String(box) === String(this.box)) this.again(); // what is in hand is shown again
    else this.stand(box);
    if (box) app.link.tell('ready', { layer: app.layer }); // a hand is on its way to a handle
  }

  /** Begins at a box. */
  stand(box) {
    Object.assign(this, { box, drag: null });
    this.start();
    this.show();
  }

  /** Whether it can do something with a layer. */
  takes(layer) {
    return Boolean(layer) && !layer.locked && !(this.app.state.selected && (layer.group || layer.adjust || layer.shape || layer.text));
  }

  /** Whether there is something; a sentence says where there isn't. */
  isReady() {
    if (this.box === null) toast(word(`${this.app.tool.name}.empty`), 'warning');
    return Boolean(this.box);
  }

  /** How near to a handle a pointer takes it, in pixels of the screen. */
  reach() {
    return (this.room.coarse.matches ? 24 : 10) * this.app.ratio;
  }

  finish() {
    this.apply();
  }

  /** Ends what is in hand: the document changes below it. */
  settle() {
    return this.isChanged && this.apply();
  }

  leave() {
    if (this.isChanged) this.apply();
    this.of = null;
  }

  /** Gives up what is not applied yet. Returns whether there was something. */
  undo() {
    const was = this.isChanged;
    if (was) this.drop();
    return was;
  }

  /** Does what was chosen as one operation, or as one step with those that come first, and begins anew; what is refused stays in hand.
   * Resolves to whether it was done. */
  async done(kind, body, first = []) {
    const { app, box, corners, moved } = this;
    this.doing = first.length ? app.doAll([...first, [kind, body]]) : app.do(kind, body);
    this.stand(undefined);
    const done = await this.doing;
    if (done) say(word(`${kind}.applied`));
    if (app.tool.name !== kind) return done;
    const layer = placeOf(app.state.layers, this.layer)?.layer;
    if (done || !layer || layer.locked || app.layer !== this.layer) {
      if (!done) this.of = null;
      this.begin();
      return done;
    }
    Object.assign(this, { box, corners, moved });
    this.again();
    return done;
  }

  /** Takes up what was in hand when the page was left. Returns whether it could: what it was made of has to be as it was. */
  async restore({ layer, box, inHand }) {
    await this.begin();
    if (!this.box || this.layer !== layer || String(this.box) !== String(box)) return false;
    Object.assign(this, inHand);
    this.app.parts.properties.show();
    this.again();
    return true;
  }

  show() {
    const { app, layer, box, inHand } = this;
    hold(app, this.isChanged ? { tool: this.name, layer, box, inHand } : null, this.doing);
    this.fields?.();
    this.app.overlay.frame();
  }
}
