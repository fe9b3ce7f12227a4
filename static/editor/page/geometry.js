// Crop, transform and sizes, as far as the page needs them before one is used; all else of them is in geometry/ and loaded then.
import { Later } from './later.js';

export class Geometry extends Later {
  constructor(app) {
    super(app, async () => new (await import('./geometry/room.js')).Room(app));
  }

  /** Fills the panel of settings for the tool in hand, which begins. */
  async show(place) {
    const { tool } = this.app;
    if (!this.ready) await this.run('follow');
    if (this.app.tool === tool) this.ready?.show(place);
  }
}

/** A tool whose frame is drawn and dragged by what is loaded when it is chosen. */
export function framed(name, room = 'geometry') {
  const pass = (method) => (app, ...rest) => app[room].ready?.[name]?.[method](...rest);
  return { name, room, frames: true, ...Object.fromEntries(['down', 'move', 'up', 'drop', 'hover', 'finish', 'key', 'leave'].map((method) => [method, pass(method)])) };
}
