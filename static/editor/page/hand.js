// What a tool has in hand and has not applied: a frame, a mesh, a crop, a path, a stroke that bends. It is kept as a draft (kept.js) and taken
// up again when the document is opened.
import { Kept, forget, left } from './kept.js';
import { toast } from './say.js';
import { placeOf } from './tree.js';
import { word } from './words.js';

// What each tool makes of what it has in hand.
const KINDS = { transform: ['transform'], mesh: ['mesh'], crop: ['crop', 'straighten'], pen: ['layer.add'], polygon: ['select'], liquify: ['retouch.liquify'] };

/** What this tab has in hand. */
class Hand {
  constructor(app) {
    this.app = app;
    this.kept = null;
    this.count = 0;
  }

  hold(values) {
    this.count += 1;
    if (values) {
      this.kept ??= new Kept('hand');
      this.kept.put({ ...values, head: this.app.state.history.head });
    } else if (this.kept) this.release(this.count);
  }

  /** What is being applied stays until it is on the disk. */
  async release(count) {
    await null; // until the operation is on its way
    await this.app.link.ask('kept');
    if (count !== this.count) return;
    this.kept.drop();
    this.kept = null;
  }
}

/** Keeps what a tool has in hand, { tool, layer, … }, as JSON; null once it is applied or given up. */
export function hold(app, values) {
  app.hand ??= new Hand(app);
  app.hand.hold(values);
}

/** Takes up what was in hand when the page was left. */
export async function restore(app) {
  const values = await left('hand');
  if (!values || !(values.tool in KINDS)) return;
  const { head, items } = app.state.history;
  if (head !== values.head && KINDS[values.tool].includes(items.find(({ id }) => id === head)?.kind)) {
    forget('hand'); // it was being applied, and is
    return;
  }
  app.turns.take(async () => {
    if (placeOf(app.state.layers, values.layer)) app.choose(values.layer);
    app.useTool(values.tool);
    const { tool } = app;
    await tool.choose?.(app);
    const done = await tool.restore?.(app, values);
    toast(word(done ? 'hand.restored' : 'hand.lost', { tool: word(`tool.${values.tool}`) }), done ? 'info' : 'warning');
    if (!app.hand?.kept) forget('hand'); // it is in the document, or lost
  });
}
