// Crop, transform and sizes, as far as the page needs them before one is used; all else of them is in geometry/ and loaded then.
import { Later } from './later.js';
import { later } from './tools/later.js';

export class Geometry extends Later {
  constructor(app) {
    super(app, async () => new (await import('./geometry/room.js')).Room(app));
  }
}

/** A tool whose frame is drawn and dragged by what is loaded when it is chosen. */
export function framed(name, room = 'geometry') {
  const pass = (method) => (app, ...rest) => app[room].ready?.[name]?.[method]?.(...rest);
  return later(name, async (app) => {
    await null; // until its panel is asked for, with which it begins
    await app[room].shown;
    return Object.fromEntries(['down', 'move', 'up', 'drop', 'hover', 'finish', 'key', 'leave', 'undo', 'restore', 'settle'].map((method) => [method, pass(method)]));
  }, { room, frames: true });
}
