// What a document is made of, fetched as early as can be and all at once: the kernels, this browser's store, the server's log
// and the picture that the document began with, which is decoded while it comes.
import { Kernels } from './kernels.js';
import { decode } from './png.js';
import { Store } from './store.js';
import { packBy } from './tiles.js';

const KEEP_AFTER = 3000; // ms until a picture is written into this browser's store: nobody waits for that

export class Fetching {
  /** start: { account, document, token, addresses, picture }; picture: the hash of the one that the document began with. */
  constructor(start) {
    this.start = start;
    const { addresses } = start;
    const build = Kernels.hasSimd() ? 'k1' : 'k1s';
    this.kernels = Kernels.load((part) => fetch(addresses.kernels[part ? `${build}-${part}.wasm` : `${build}.wasm`]));
    this.kernels.then(packBy, () => {}); // who awaits them hears of a failure
    this.store = Store.open(start.account).catch(() => null);
    this.local = this.store.then((store) => store?.load(start.document)).catch(() => null);
    this.log = this.local.then((local) => this.fetchLog(local?.seen ?? 0)).catch(() => null);
    this.pictures = new Map(); // by hash: what comes early, until it is asked for
    if (!start.picture) return;
    const coming = this.decoded(start.picture);
    coming.catch(() => {}); // who asks for it hears of it
    this.pictures.set(start.picture, coming);
  }

  /** All that the server's log holds after a number. */
  async fetchLog(after) {
    const operations = [];
    for (let seq = after; ;) {
      const response = await fetch(`${this.start.addresses.log}?after=${seq}`, { credentials: 'same-origin' });
      if (!response.ok) throw new Error(`log: ${response.status}`);
      const answer = await response.json();
      operations.push(...answer.operations.map(received));
      seq = answer.operations.at(-1)?.seq ?? seq;
      if (!answer.more) return { head: answer.head, operations, seq, stopped: answer.stopped };
    }
  }

  /** Resolves to a picture of the document, decoded; null where it can't be had. What came early is given once. */
  picture(sha256) {
    const coming = this.pictures.get(sha256);
    this.pictures.delete(sha256);
    return coming ?? this.decoded(sha256);
  }

  async decoded(sha256) {
    const { start } = this;
    const store = await this.store;
    const kept = await store?.asset(start.document, sha256).catch(() => null);
    if (kept) return decode(await this.kernels, kept.stream());
    const address = start.addresses.asset.replace('SHA256', sha256);
    const response = await fetch(address, { credentials: 'same-origin' });
    if (!response.ok) return null;
    const picture = await decode(await this.kernels, response.body);
    setTimeout(() => this.keep(store, sha256, address).catch(() => {}), KEEP_AFTER);
    return picture;
  }

  /** Keeps a picture in this browser's store: from the browser's cache, so that its bytes never lie in this worker's memory. */
  async keep(store, sha256, address) {
    const response = store && await fetch(address, { credentials: 'same-origin', cache: 'force-cache' });
    if (response?.ok) await store.keepAsset(this.start.document, sha256, await response.blob());
  }
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** An operation as the server sends it, as the document takes it. */
export function received({ id, parent, seq, kind, engine, body, blob }) {
  return { id, parent, seq, kind, engine, body, blob: fromBase64(blob ?? '') };
}
