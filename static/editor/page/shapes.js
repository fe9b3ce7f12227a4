// Shapes and the pen, as far as the page needs them before one is used; all else of them is in shapes/ and loaded then.
import { Later } from './later.js';

export class Shapes extends Later {
  constructor(app) {
    super(app, async () => new (await import('./shapes/room.js')).Room(app));
  }
}
