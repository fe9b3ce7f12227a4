// Other tabs of this browser with the same document: what is done in one is seen in all, and one of them sends it.
// Messages: { hello }, { here }, { did: { clock, from, head, redo, operations } }, { sent: { clock, head, seqs } }.

export const PATIENCE = 4000; // ms after which a tab sends by itself what the sending one has not

export class Tabs {
  /** host: { follow(did), taken(sent), leads(), together() } */
  constructor(host, name) {
    this.host = host;
    this.leads = false;
    // Without locks or channels (old browsers) each tab sends for itself, and the server brings them together.
    if (typeof BroadcastChannel === 'undefined' || !navigator.locks) {
      this.leads = true;
      return;
    }
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }) => this.take(data);
    navigator.locks.request(name, () => {
      this.leads = true;
      host.leads();
      return new Promise(() => {}); // until the tab is closed
    }).catch(() => {
      this.leads = true;
    });
    this.post({ hello: true });
  }

  post(message) {
    this.channel?.postMessage(message);
  }

  did(message) {
    this.post({ did: message });
  }

  sent(message) {
    this.post({ sent: message });
  }

  take({ hello, here, did, sent }) {
    if (hello) this.post({ here: true });
    if (here) this.host.together();
    if (did) this.host.follow(did);
    if (sent) this.host.taken(sent);
  }
}
