// Brings this document together with the server's log and with other tabs of this browser.
import { serially } from './queue.js';
import { tell } from './reports.js';
import { Sync } from './sync.js';
import { Tabs } from './tabs.js';

export class Merging {
  constructor(session) {
    this.session = session;
    this.sync = new Sync(this);
    this.tabs = null;
    this.clock = 0; // counts where the tabs of this browser went together, so that what is late is known to be
  }

  get history() {
    return this.session.history;
  }

  get addresses() {
    return this.session.addresses;
  }

  get token() {
    return this.session.token;
  }

  // --- other tabs of this browser -----------------------------------------------------------------------------

  /** Tells other tabs with this document that this one is open too. */
  meetTabs(name) {
    this.tabs = new Tabs(this.forTabs(), name);
  }

  get leads() {
    return this.tabs?.leads ?? true;
  }

  forTabs() {
    return {
      leads: () => this.sync.kick(),
      together: () => tell({ type: 'together' }),
      follow: async (did) => {
        await this.session.drafts.lifted();
        serially(() => this.follow(did));
      },
      taken: async (sent) => {
        await this.session.drafts.lifted();
        serially(() => this.taken(sent));
      },
    };
  }

  /** Tells the other tabs where the document went. */
  went(from, operations = []) {
    const { history } = this;
    this.clock += 1;
    this.tabs?.did({ clock: this.clock, from, head: history.head, redo: history.redo, operations });
  }

  /** Another tab went somewhere: this one goes along from the same place. From another place the server brings both together. */
  async follow({ clock, from, head, redo, operations }) {
    const { history } = this;
    this.session.drafts.endStroke();
    this.clock = Math.max(this.clock, clock);
    for (const operation of operations) if (!history.operations.has(operation.id)) history.know(operation);
    if (history.head === from && history.operations.has(head)) {
      await this.session.walkTo(async () => {
        await this.session.goTo(head);
        history.redo = redo;
        return true;
      }, true);
    }
    this.sync.kick();
  }

  /** Another tab's call was taken by the server. */
  async taken(sent) {
    await (await import('./rebasing.js')).taken(this, sent);
  }

  // --- what the server says -----------------------------------------------------------------------------------

  async sent(operations, answer) {
    operations.forEach((operation) => this.history.know({ id: operation.id, seq: answer.seq }));
    this.tabs?.sent({ clock: answer.clock, head: answer.head, seqs: operations.map(({ id }) => [id, answer.seq]) });
    await this.session.keep(operations.map((operation) => this.history.operations.get(operation.id)));
  }

  /** What others did comes once the pen is lifted, or the rest of a stroke would be lost. */
  async moved(answer) {
    await this.session.drafts.lifted();
    await serially(async () => (await import('./rebasing.js')).takeIn(this, answer));
  }

  refused(answer) {
    return serially(() => this.leaveOut(answer));
  }

  async leaveOut(answer) {
    await (await import('./rebasing.js')).leaveOut(this.session, answer);
  }

  /** Does operations again on another head; resolves to how many of them it doesn't allow any more. */
  async rebase(operations, onto) {
    return (await import('./rebasing.js')).rebase(this.session, operations, onto);
  }

  tell(saved) {
    tell({ type: 'saved', ...saved });
  }
}
