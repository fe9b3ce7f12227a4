// Adjustments and filters, as far as the page needs them before one is used; all else of them is in effects/ and loaded then.
import { Later } from './later.js';
import { placeOf } from './tree.js';

export class Effects extends Later {
  constructor(app) {
    super(app, async () => new (await import('./effects/panel.js')).Panel(app));
  }

  /** Shows the values of the chosen layer, if it is an adjustment. */
  follow() {
    if (this.ready) this.ready.follow();
    else if (!this.loading && placeOf(this.app.state.layers, this.app.layer)?.layer.adjust) this.run('follow');
  }
}
