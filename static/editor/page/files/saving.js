// "Save as": what is drawn goes to the server, a worker makes the picture or the file, and the dialog says how far it is.
import { call } from './calls.js';
import { OrderDialog } from './orders.js';

const FILES = ['image2', 'psd', 'ora', 'timelapse'];

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
    this.part('Note').hidden = true;
    this.show(false);
  }

  show(done, isFile = false) {
    this.part('Go').hidden = done;
    this.part('Picture').hidden = !done || isFile;
    this.part('Download').hidden = !done;
  }

  async make(format) {
    const isFile = FILES.includes(format);
    const made = await this.order(this.addresses.export, { format }, isFile ? 'file' : this.name);
    if (!made) return;
    const { state, settled } = made;
    if (!isFile) this.part('Picture').href = state.picture;
    this.part('Download').href = state.download;
    // What of the document such a file does not hold as it is.
    this.part('Note').textContent = state.sentence;
    this.part('Note').hidden = !state.sentence;
    this.show(true, isFile);
    this.part('Download').focus();
    // What is seen here and what the server makes are the same pixels; a difference is the operator's alarm.
    const json = { operation: settled.head, digest: settled.digest };
    call(this.addresses.check, { token: this.token, json }).catch(() => {});
  }
}
