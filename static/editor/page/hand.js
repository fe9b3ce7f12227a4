// What a tool has in hand and has not applied: a frame, a mesh, a crop, a path, a stroke. It is kept as a draft (kept.js) and taken
// up again when the document is opened.
import { Kept, forget, left } from './kept.js';
import { toast } from './say.js';
import { placeOf } from './tree.js';
import { word } from './words.js';

// What each tool makes of what it has in hand, where that doesn't say so itself (drawn.js).
const KINDS = { transform: ['transform'], mesh: ['mesh'], crop: ['crop', 'straighten'], pen: ['layer.add'], polygon: ['select'], liquify: ['retouch.liquify'] };

/** What this tab has in hand. */
class Hand {
  constructor(app) {
    this.app = app;
    this.kept = null;
    this.count = 0;
  }

  hold(values, doing) {
    const { width, height, history: { head } } = this.app.state;
    this.count += 1;
    if (values) {
      this.kept ??= new Kept('hand');
      this.kept.put({ ...values, width, height, head });
    } else if (this.kept) this.release(this.count, head, doing);
  }

  /** What is being applied stays until it is on the disk; head: where the document stands before it. */
  async release(count, head, doing) {
    const { kept: { values }, kept } = this;
    if (values && !values.applying) kept.put({ ...values, head, applying: true });
    await null; // until the operation is on its way
    await doing;
    await this.app.link.ask('kept');
    if (count !== this.count) return;
    this.kept.drop();
    this.kept = null;
  }
}

/** Keeps what a tool has in hand, { tool, layer, … }, as JSON; null once it is applied or given up. doing: what applies it, where that is more than one operation. */
export function hold(app, values, doing = null) {
  app.hand ??= new Hand(app);
  app.hand.hold(values, doing);
}

/** Takes up what was in hand when the page was left. */
export async function restore(app) {
  const values = await left('hand');
  const kinds = values?.kind ? [values.kind] : KINDS[values?.tool];
  if (!kinds || !app.tools.has(values.tool)) return;
  const { width, height, history: { head, items } } = app.state;
  if (values.applying && head !== values.head && kinds.includes(items.find(({ id }) => id === head)?.kind)) {
    forget('hand'); // it was being applied, and is
    return;
  }
  app.turns.take(async () => {
    if (placeOf(app.state.layers, values.layer)) app.choose(values.layer);
    app.useTool(values.tool);
    const { tool } = app;
    await tool.choose?.(app);
    if (!(tool.frames ? app[tool.room].ready?.[tool.name] : tool.restore)) return; // its script didn't come; it may the next time
    const done = width === values.width && height === values.height && await tool.restore(app, values);
    toast(word(done ? 'hand.restored' : 'hand.lost', { tool: word(`tool.${values.tool}`) }), done ? 'info' : 'warning');
    if (!app.hand?.kept) forget('hand'); // it is in the document, or lost
  });
}
