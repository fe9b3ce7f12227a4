// "Flatten into a new document": the server makes one of the picture as it is, without layers and earlier steps.
import { OrderDialog } from './orders.js';

export class Flattening extends OrderDialog {
  constructor(app, dialog, site) {
    super(app, dialog, 'flatten', site);
    this.part('Form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.make();
    });
  }

  /** Opens the dialog; a sentence says why, where the person didn't ask for it. */
  open(why = '') {
    const place = this.part('Why');
    place.textContent = why || place.textContent;
    place.hidden = !place.textContent;
    if (this.dialog.open) return;
    if (!this.busy) this.show(false);
    this.dialog.showModal();
  }

  show(done) {
    if (!done) this.part('State').hidden = true;
    this.part('Go').hidden = done;
    this.part('Open').hidden = !done;
  }

  async make() {
    const made = await this.order(this.addresses.flatten);
    if (!made) return;
    this.part('Open').href = made.state.document;
    this.show(true);
    this.part('Open').focus();
  }
}
