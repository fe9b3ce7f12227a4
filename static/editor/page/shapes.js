// Shapes and the pen, as far as the page needs them before one is used; all else of them is in shapes/ and loaded then.
import { Later } from './later.js';

export class Shapes extends Later {
  constructor(app) {
    super(app, async () => new (await import('./shapes/room.js')).Room(app));
  }

  /** Fills the panel of settings for the tool in hand, which begins. */
  async show(place) {
    const { tool } = this.app;
    if (!this.ready) await this.run('follow');
    if (this.app.tool === tool) this.ready?.show(place);
  }
}
