// The text tool: a click begins a line of text, a drag a box in which lines break. What is typed goes into a real text area beside
// the text; the worker draws it meanwhile. It is an operation once it is ended, by Escape, Ctrl+Enter or a press elsewhere.
import { newId } from '../../worker/ids.js';
import { opaque } from '../colour.js';
import { make } from '../make.js';
import { say } from '../say.js';
import { placeOf, walk } from '../tree.js';
import { word } from '../words.js';
import { arc } from './bending.js';
import { optionsOf, valuesOf } from './values.js';

const MOST_LETTERS = 5000;
const LEAST_BOX = 8; // pixels of the screen that a drag is at least long
const NAME = 40; // letters of a layer's name

export function writing() {
  let from = null;
  let to = null;
  let editor = null;
  let ending = null;
  let presses = 0;
  const end = (app) => {
    const last = editor;
    editor = null;
    if (last) ending = last.end(app);
  };
  const start = (app, given) => {
    editor = new Editor(app, given, () => end(app));
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
      if (editor) {
        end(app);
        return;
      }
      from = to = point;
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
      end(app);
    },
    leave(app) {
      this.drop(app);
    },
    /** A double click, whose second press has ended what its first one began. */
    async finish(app, point) {
      await ending;
      await writeAt(app, point);
    },
    /** Writes a text layer again: the chosen one, or the one at a point. */
    async again(app, point = null) {
      const layer = point ? await textAt(app, point) : placeOf(app.state.layers, app.layer)?.layer;
      if (!editor && layer?.text && !layer.locked) write(app, layer);
    },
  };
}

/** The text that is seen at a point: the chosen one before others, the upper one before the lower. */
async function textAt(app, { x, y }) {
  const texts = Array.from(walk(app.state.layers), ({ layer }) => layer).filter((layer) => layer.text && layer.visible && !layer.locked);
  const chosen = (layer) => Number(layer.id === app.layer);
  for (const layer of texts.reverse().sort((a, b) => chosen(b) - chosen(a))) {
    const box = await app.link.ask('bounds', { layer: layer.id });
    if (box && x >= box[0] && x < box[2] && y >= box[1] && y < box[3]) return layer;
  }
  return null;
}

/** One text while it is written. */
class Editor {
  /** given: { layer } that is written again, or { x, y, width } of a new one. */
  constructor(app, { layer = null, x, y, width }, done) {
    this.app = app;
    this.layer = layer;
    this.id = layer?.id ?? newId();
    this.above = placeOf(app.state.layers, app.layer);
    this.done = done;
    this.count = 0;
    this.place = layer ? { x: layer.text.x, y: layer.text.y, width: layer.text.width } : { x: Math.round(x * 16), y: Math.round(y * 16), width: width ? Math.max(16, Math.round(width * 16)) : undefined };
    if (layer) optionsOf(app.options, layer.text);
    this.rgba = layer?.text.rgba ?? opaque(app.options.front);
    this.front = app.options.front;
    this.area = make('textarea', { class: 'input editor-words', rows: 2, maxlength: MOST_LETTERS, dir: 'auto', 'aria-label': word('text.words'), placeholder: word('text.type'), spellcheck: 'true' });
    this.area.value = layer?.text.content ?? '';
    this.note = make('p', { class: 'editor-words-note', role: 'status' });
    this.whole = make('div', { class: 'editor-writing' }, [this.area, this.note]);
    app.parts.stage.after(this.whole);
    this.area.addEventListener('input', () => this.draw());
    this.area.addEventListener('keydown', (event) => this.key(event));
    this.changed = () => {
      if (app.options.front !== this.front) this.rgba = opaque(app.options.front);
      this.front = app.options.front;
      this.draw();
    };
    app.options.addEventListener('change', this.changed);
    this.stand();
    this.area.focus({ preventScroll: true });
    this.area.select();
    if (layer) this.draw();
  }

  /** Above the place where the text begins, inside of what is seen. */
  stand() {
    const { app, whole } = this;
    const { stage } = app.parts;
    const at = app.view.toScreen(this.place.x / 16, this.place.y / 16);
    const [x, y] = [at.x / app.ratio, at.y / app.ratio - whole.offsetHeight - 8];
    const inside = (value, most) => Math.max(8, Math.min(most - 8, value));
    whole.style.left = `${stage.offsetLeft + inside(x, stage.clientWidth - whole.offsetWidth)}px`;
    whole.style.top = `${stage.offsetTop + inside(y, stage.clientHeight - whole.offsetHeight)}px`;
  }

  key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    this.done();
  }

  get content() {
    return this.area.value.normalize('NFC').replace(/\r\n?/g, '\n').replace(/\t/g, '    ').replace(/[\u2028\u2029]/g, '\n').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '');
  }

  /** The text as an operation holds it; all that it needs is loaded then. */
  async text() {
    const { app } = this;
    const { options } = app;
    const values = valuesOf(options, this.rgba, this.layer?.text.shadow?.rgba);
    const text = { content: this.content, ...values, x: this.place.x, y: this.place.y, ...(this.place.width ? { width: this.place.width } : {}), lines: [] };
    const found = await app.link.ask('text.lines', { text: { ...text, align: 'left' } });
    const asked = options.get('text', 'align');
    text.align = asked === 'auto' ? (found.rtl ? 'right' : 'left') : asked;
    text.lines = found.lines;
    const bend = options.get('text', 'bend');
    if (bend) Object.assign(text, { path: arc(text, found.length, bend), align: 'center' });
    this.note.textContent = found.missing.length ? word('text.missing', { letters: found.missing.slice(0, 12).join(' ') }) : '';
    return text;
  }

  operation(text) {
    if (this.layer) return { kind: 'layer.text', body: { layer: this.id, text } };
    const { above } = this;
    const place = { group: above?.parent ?? null, above: above?.layer.id ?? null };
    return { kind: 'layer.add', body: { layer: this.id, name: nameOf(text.content), ...place, text } };
  }

  /** Shows the text as it would be. */
  async draw() {
    const count = (this.count += 1);
    try {
      const text = await this.text();
      if (count === this.count) this.app.link.tell('draft', { operation: this.operation(text) });
    } catch (error) {
      if (count === this.count) this.app.refuse(error.message);
    }
  }

  async end(app) {
    this.count += 1;
    app.options.removeEventListener('change', this.changed);
    const text = this.content.trim() ? await this.text().catch((error) => app.refuse(error.message)) : null;
    const missing = this.note.textContent;
    this.whole.remove();
    app.parts.stage.focus({ preventScroll: true });
    const same = this.layer && JSON.stringify(text) === JSON.stringify(this.layer.text);
    if (!text || same) {
      app.link.tell('shift.drop');
      if (!text && this.layer && !this.content.trim()) await app.do('layer.remove', { layer: this.id });
      return;
    }
    const { kind, body } = this.operation(text);
    if (!this.layer) app.wanted = this.id;
    if (await app.do(kind, body)) say(missing || word('text.written'));
  }
}

/** What a layer is called: its first words. */
const nameOf = (content) => Array.from(content.trim().replace(/\s+/g, ' ')).slice(0, NAME).join('') || word('tool.text');
