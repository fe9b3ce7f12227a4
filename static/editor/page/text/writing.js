// The text tool: a click begins a line of text, a drag a box in which lines break; a press elsewhere ends it.
import { left } from '../kept.js';
import { toast } from '../say.js';
import { placeOf, walk } from '../tree.js';
import { word } from '../words.js';
import { Area } from './area.js';

const LEAST_BOX = 8; // pixels of the screen that a drag is at least long

export function writing() {
  let from = null;
  let to = null;
  let editor = null;
  let ending = null;
  let presses = 0;
  const end = (app) => {
    if (editor) app.turns.hold((ending = close(app)));
    return ending;
  };
  const close = async (app) => {
    if (await editor.end(app)) editor = null;
  };
  const start = (app, given) => {
    editor = new Area(app, given, () => end(app));
  };
  const write = (app, layer) => {
    if (app.tool.name !== 'text') app.useTool('text');
    if (app.layer !== layer.id) app.choose(layer.id);
    start(app, { layer });
  };
  /** Writes the text at a point, or a new one there, unless another press came meanwhile. */
  const writeAt = async (app, point) => {
    const mine = (presses += 1);
    const layer = await textAt(app, point);
    if (editor || mine !== presses) return;
    if (layer) write(app, layer);
    else start(app, { x: point.x, y: point.y });
  };
  return {
    name: 'text',
    down(app, point) {
      presses += 1;
      if (editor) return end(app);
      from = to = point;
      return null;
    },
    move(app, points) {
      if (!from) return;
      to = points.at(-1);
      app.overlay.draft([from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }], true);
    },
    async up(app) {
      if (!from) return;
      const [a, b] = [from, to];
      from = null;
      app.overlay.draft(null);
      const wide = Math.abs(b.px - a.px) >= LEAST_BOX;
      if (wide) start(app, { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(b.x - a.x) });
      else await writeAt(app, a);
    },
    drop(app) {
      presses += 1;
      from = null;
      app.overlay.draft(null);
      return end(app);
    },
    leave(app) {
      return this.drop(app);
    },
    /** Ends what is in hand: the document changes below it. */
    settle: end,
    look() {
      editor?.stand();
    },
    /** Takes a key that was pressed before its text area was there. */
    type(event) {
      return editor?.type(event) ?? false;
    },
    /** A double click, whose second press has ended what its first one began. */
    async finish(app, point) {
      await ending;
      await writeAt(app, point);
    },
    /** Writes a text layer again: the chosen one, or the one at a point, unless another tool was chosen meanwhile. */
    async again(app, point = null) {
      const { tool } = app;
      const layer = point ? await textAt(app, point) : placeOf(app.state.layers, app.layer)?.layer;
      if (!editor && app.tool === tool && layer?.text && !layer.locked) write(app, layer);
    },
    /** Opens what was being written when the page was left. */
    async restore(app) {
      const kept = await left('text');
      if (!kept || editor) return;
      const layer = placeOf(app.state.layers, kept.layer)?.layer;
      app.useTool('text');
      if (layer?.text && !layer.locked) write(app, layer);
      else start(app, { ...kept, layer: null });
      editor.take(kept);
      toast(word('text.restored'));
    },
  };
}

/** The text that is seen at a point: the chosen one before others, the upper one before the lower. */
async function textAt(app, { x, y }) {
  const texts = Array.from(walk(app.state.layers), ({ layer }) => layer).filter((layer) => layer.text && layer.visible && !layer.locked);
  const chosen = (layer) => Number(layer.id === app.layer);
  for (const layer of texts.reverse().sort((a, b) => chosen(b) - chosen(a))) {
    const box = await app.link.ask('bounds', { layer: layer.id }).catch(() => null); // it may be gone by then
    if (box && x >= box[0] && x < box[2] && y >= box[1] && y < box[3]) return layer;
  }
  return null;
}
