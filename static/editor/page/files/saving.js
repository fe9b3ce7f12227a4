// "Save as a picture": what is drawn goes to the server, a worker makes the picture, and the dialog says how far it is.
import { call } from './calls.js';
import { OrderDialog } from './orders.js';

export class Saving extends OrderDialog {
  constructor(app, dialog, site) {
    super(app, dialog, 'export', site);
    this.part('Form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.make(new FormData(event.target).get('format'));
    });
    // The picture of another moment, or in another format, is another one.
    this.part('Form').addEventListener('change', () => this.busy || this.clear());
  }

  open() {
    if (!this.busy) this.clear();
    this.dialog.showModal();
  }

  clear() {
    this.part('State').hidden = true;
    this.show(false);
  }

  show(done) {
    this.part('Go').hidden = done;
    this.part('Picture').hidden = !done;
    this.part('Download').hidden = !done;
  }

  async make(format) {
    const made = await this.order(this.addresses.export, { format });
    if (!made) return;
    const { state, settled } = made;
    this.part('Picture').href = state.picture;
    this.part('Download').href = state.download;
    this.show(true);
    this.part('Download').focus();
    // What is seen here and what the server makes are the same pixels; a difference is the operator's alarm.
    const json = { operation: settled.head, digest: settled.digest };
    call(this.addresses.check, { token: this.token, json }).catch(() => {});
  }
}
