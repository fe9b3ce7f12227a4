// What the tools have in common that reshape a layer, or what is selected of it: which one, and from when on to when.
import { say, toast } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';

export class Reshaping {
  constructor(room) {
    this.room = room;
    this.app = room.app;
    this.box = null; // of what is reshaped, before
    this.drag = null;
  }

  /** Looks what is to be reshaped, where that is something else than before. */
  async begin() {
    const { app } = this;
    const now = `${app.layer} ${app.state.history.head} ${app.state.selected}`;
    if (now === this.of) return;
    this.of = now;
    if (this.isChanged && this.layer !== app.layer && placeOf(app.state.layers, this.layer)) {
      await this.apply(); // another layer was chosen; what is done to this one stays
      return;
    }
    Object.assign(this, { box: null, drag: null, layer: app.layer });
    this.start();
    this.show();
    const layer = placeOf(app.state.layers, app.layer)?.layer;
    if (!layer || layer.locked || !this.takes(layer)) return;
    const box = await app.link.ask('bounds', { layer: app.layer });
    if (this.of !== now) return;
    this.box = box;
    this.start();
    this.show();
  }

  /** Whether it can do something with a layer. */
  takes(layer) {
    return !(this.app.state.selected && (layer.group || layer.adjust || layer.shape || layer.text));
  }

  /** Whether there is something; a sentence says where there isn't. */
  isReady() {
    if (this.box === null && this.of) toast(word(`${this.app.tool.name}.empty`), 'warning');
    return this.box !== null;
  }

  /** How near to a handle a pointer takes it, in pixels of the screen. */
  reach() {
    return (this.room.coarse.matches ? 24 : 10) * this.app.ratio;
  }

  finish() {
    this.apply();
  }

  leave() {
    if (this.isChanged) this.apply();
    this.of = null;
  }

  /** Does what was chosen as one operation, and begins anew. */
  async done(kind, body) {
    this.box = null;
    this.start();
    if (await this.app.do(kind, body)) say(word(`${kind}.applied`));
    else this.of = null;
    this.begin();
  }

  show() {
    this.fields?.();
    this.app.overlay.frame();
  }
}
