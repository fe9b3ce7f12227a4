// Adjustments and filters, as far as the page needs them before one is used; all else of them is in effects/ and loaded then.
import { placeOf } from './tree.js';

export class Effects {
  constructor(app) {
    this.app = app;
    this.ready = null; // Panel, once it is loaded
    this.loading = null;
  }

  /** Does something with all of it; a sentence says where it can't be loaded. */
  async run(method, ...values) {
    this.loading ??= import('./effects/panel.js').then(({ Panel }) => {
      this.ready = new Panel(this.app);
    });
    try {
      await this.loading;
    } catch (error) {
      this.loading = null;
      console.error(error);
      this.app.refuse("The server can't be reached. Try again when you're connected.");
      return;
    }
    await this.ready[method](...values);
  }

  /** Shows the values of the chosen layer, if it is an adjustment. */
  follow() {
    if (this.ready) this.ready.follow();
    else if (!this.loading && placeOf(this.app.state.layers, this.app.layer)?.layer.adjust) this.run('follow');
  }
}
