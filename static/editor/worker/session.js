// The document that is open: what is loaded, done, undone, kept in this browser and drawn onto the canvas.
import { changedTiles } from './changes.js';
import { Document } from './document.js';
import { Drafts } from './drafts.js';
import { History } from './history.js';
import { newId } from './ids.js';
import { ENGINE } from './kernels.js';
import { Impossible } from './layers.js';
import { loadFor } from './later.js';
import { Merging } from './merging.js';
import { page } from './parts.js';
import { Reports, tell } from './reports.js';
import { Screen } from './screen.js';
import { Shown } from './shown.js';
import { crowded } from './tiles.js';

const PACK_AFTER = 600; // ms after a change

export class Session {
  /** fetching: what the document is made of, on its way. */
  constructor(fetching) {
    const { start } = fetching;
    this.fetching = fetching;
    this.addresses = start.addresses;
    page.fonts = start.addresses.fonts;
    this.token = start.token;
    this.name = start.document;
    this.account = start.account;
    this.pictures = new Map(); // of the document, by their hash
    this.store = null;
    this.seen = 0; // how far into the server's log this browser has looked
    this.framed = false;
    this.writing = Promise.resolve();
    this.drafts = new Drafts(this);
    this.reports = new Reports(this);
    this.checking = null; // from the first time that nobody draws
    this.quietTimer = 0;
    this.packTimer = 0;
    this.sendTimer = 0;
    this.merging = null; // from when there is a document
    // The page's { canvas, size, backdrop, quiet }, once it is there: the document is made meanwhile.
    this.started = new Promise((resolve) => {
      this.start = resolve;
    });
  }

  async open() {
    const { fetching } = this;
    const [kernels, store, local, log] = await Promise.all([fetching.kernels, fetching.store, fetching.local, fetching.log]);
    this.store = local && store;
    navigator.storage?.persist?.().catch(() => {});
    if (!local) tell({ type: 'unkept' });
    this.seen = local?.seen ?? 0;
    this.kernels = kernels;
    this.document = new Document(kernels, (sha256) => {
      const picture = this.pictures.get(sha256);
      if (!picture) throw new Impossible("A picture of this document can't be loaded.");
      return picture;
    });
    this.history = new History(this.document);
    this.merging = new Merging(this);
    await this.begin(local ?? { operations: [], head: null, serverHead: null, seen: 0 }, log);
    this.shown = new Shown(kernels, this.document);
    const { canvas, size, backdrop, quiet } = await this.started;
    this.quiet = quiet;
    this.screen = new Screen(canvas, kernels, this.shown);
    this.screen.backdrop = backdrop;
    this.shown.sees = (x, y) => this.screen.sees(x, y);
    this.screen.resize(...size);
    tell({ type: 'ready', width: this.document.width, height: this.document.height });
    this.changed();
    if (this.document.selection) this.reports.outline();
    this.merging.meetTabs(`${this.account} ${this.name}`);
    this.merging.sync.kick();
  }

  /** The document as this browser and the server have it together. */
  async begin(local, log) {
    for (const operation of local.operations) this.history.know(operation);
    for (const operation of log?.operations ?? []) this.history.know(operation);
    if (!log && !this.history.operations.size) throw new Impossible("The document can't be loaded. Check your connection and reload the page.");
    if (!this.history.operations.size) throw new Impossible('This document is empty.');
    this.merging.sync.serverHead = log?.head ?? local.serverHead;
    if (log) this.seen = log.seq;
    if (log?.stopped) tell({ type: 'refused', sentence: log.stopped.sentence });
    if (log) this.keep(log.operations); // nobody waits for the disk
    const head = local.head !== null && this.history.operations.has(local.head) ? local.head : this.merging.sync.serverHead;
    const unsent = this.history.path(head).filter((operation) => operation.seq === undefined);
    const serverMoved = log && local.serverHead !== log.head;
    if (!log || this.history.leadsTo(log.head, head) || (!unsent.length && !serverMoved)) await this.goTo(head);
    else await this.merging.rebase(unsent, log.head);
    this.history.lookAhead();
  }

  /** Loads the pictures that operations name, and the code that they need. */
  async load(operations) {
    await loadFor(operations, this.kernels);
    for (const sha256 of operations.flatMap(({ body }) => [body.asset, body.mask])) {
      if (!sha256 || this.pictures.has(sha256)) continue;
      const picture = await this.fetching.picture(sha256);
      if (!picture) throw new Impossible("A picture of this document can't be loaded.");
      this.pictures.set(sha256, picture);
      if (crowded()) await (await import('./packing.js')).packNow(this.kernels);
    }
  }

  async goTo(id) {
    await this.load(this.history.path(id));
    this.history.goTo(id);
  }

  // --- doing --------------------------------------------------------------------------------------------------

  /** Does an operation on the document as it is; the page sees it at once, the disk and the server soon after. joined: it is one step with the last one. */
  async do({ kind, body, blob = new Uint8Array(0), joined = false }) {
    this.drafts.endStroke();
    this.drafts.endPreview();
    const parent = this.history.head;
    const operation = { id: newId(), parent, kind, engine: ENGINE, body: joined ? { ...body, back: this.history.before(parent) } : body, blob };
    await this.load([operation]);
    const { size } = this.document;
    const { selection } = this.document;
    this.apply(operation);
    const before = this.history.state;
    this.commit(operation);
    if (kind === 'canvas' || size.join() !== this.document.size.join()) this.resized();
    else this.redraw(before);
    if (selection !== this.document.selection) this.reports.outline();
    return operation.id;
  }

  /** Does an operation to the document, all of it or nothing. */
  apply(operation) {
    const { kernels } = this;
    const mark = kernels.next;
    try {
      this.document.apply(operation);
    } catch (error) {
      kernels.reset(mark);
      this.document.restore(this.history.state);
      throw error;
    }
  }

  commit(operation) {
    const { history } = this;
    const parent = history.head;
    history.push(operation);
    this.keep([operation]);
    this.merging.went(parent, [operation]);
    this.changed();
    this.send();
  }

  /** Sends what was done, once what the person waits for is done. */
  send() {
    clearTimeout(this.sendTimer);
    this.sendTimer = setTimeout(() => this.merging.sync.kick());
  }

  /** Writes to this browser's store; resolves when it is on the disk. */
  keep(operations) {
    const place = { head: this.history.head, serverHead: this.merging.sync.serverHead, seen: this.seen };
    const write = () => this.store?.append(this.name, operations, place);
    this.writing = this.writing.then(write).catch(() => tell({ type: 'unkept' }));
    return this.writing;
  }

  async walkTo(move, following = false) {
    this.drafts.endStroke();
    this.drafts.endPreview();
    const from = this.history.head;
    const before = this.history.state;
    const [width, height] = this.document.size;
    const { selection } = this.document;
    if (!(await move())) return false;
    if (!following) {
      this.keep([]);
      this.merging.went(from);
    }
    if (width !== this.document.width || height !== this.document.height) this.resized();
    else this.redraw(before, true);
    if (selection !== this.document.selection) this.reports.outline();
    this.changed();
    this.send();
    return true;
  }

  /** Tells the page what the document is now. */
  changed() {
    this.document.grown = null;
    this.reports.announce();
    this.checkLater();
    clearTimeout(this.packTimer);
    if (crowded()) this.packTimer = setTimeout(() => import('./packing.js').then(({ packSlowly }) => packSlowly(this.kernels, () => !this.drafts.stroke)).catch(() => {}), PACK_AFTER);
  }

  /** Once nobody draws any more, what is shown is compared with what the server makes. */
  checkLater() {
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(async () => {
      try {
        const { Checking } = await import('./checking.js');
        this.checking ??= new Checking(this);
        if (!(await this.checking.check())) this.checkLater();
      } catch {
        // Without a connection nothing can be compared; the next change waits anew.
      }
    }, this.quiet);
  }

  /** Draws what has changed since `before`. walked: what is shown is that state, which may come back. */
  redraw(before, walked = false) {
    const tiles = before ? changedTiles(before.layers, this.document.layers) : null;
    if (tiles) {
      for (const [x, y] of tiles) {
        if (walked) this.shown.layAside(x, y, before.layers);
        this.touch(x, y);
      }
    } else {
      this.shown.clear();
      this.screen.forgetAll();
    }
    // An undo is on the screen with the next frame, and not with the one after it.
    if (!walked) this.frame();
    else if (this.screen.draw()) this.frame();
  }

  touch(x, y) {
    if (x < 0 || y < 0) return;
    this.shown.forget(x, y);
    this.screen.forget(x, y);
  }

  /** Redraws everything, after changes from elsewhere. */
  show() {
    if (!this.shown) return;
    this.shown.clear();
    this.resized();
    this.reports.outline();
    this.changed();
  }

  resized() {
    this.shown.clear();
    this.screen.clear();
    tell({ type: 'resized', width: this.document.width, height: this.document.height });
    this.frame();
  }

  /** The head, once the server has everything. */
  async sent() {
    this.drafts.endStroke();
    this.drafts.endPreview();
    do {
      await this.merging.sync.settled().catch(() => {
        throw new Impossible("The server can't be reached. Try again when you're connected.");
      });
    } while (this.merging.sync.behind);
    return this.history.head;
  }

  /** What the server has by now, and what it looks like here. */
  async settled() {
    const { history, document } = this;
    for (;;) {
      const head = await this.sent();
      const digest = await document.digest();
      if (head === history.head && !this.merging.sync.behind) return { head, digest };
    }
  }

  frame() {
    if (this.framed || !this.screen) return;
    this.framed = true;
    requestAnimationFrame(() => {
      this.framed = false;
      if (this.screen.draw()) this.frame();
    });
  }

  /** Draws all that is visible and waits; returns when that was, in milliseconds since 1970. */
  drawn() {
    this.drafts.addToStroke();
    while (this.framed && this.screen.draw()) continue;
    return performance.timeOrigin + performance.now();
  }
}
