// The text tool: a click begins a line of text, a drag a box in which lines break. What is typed goes into a real text area beside
// the text; the worker draws it meanwhile. It is an operation once it is ended, by Escape, Ctrl+Enter or a press elsewhere.
import { newId } from '../../worker/ids.js';
import { opaque } from '../colour.js';
import { make } from '../make.js';
import { say } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';
import { arc } from './bending.js';
import { optionsOf, valuesOf } from './values.js';

const MOST_LETTERS = 5000;
const MOST_AREA = 400_000_000; // letters times the square of their size in pixels
const LEAST_BOX = 8; // pixels of the screen that a drag is at least long
const NAME = 40; // letters of a layer's name

export function writing() {
  let from = null;
  let to = null;
  let editor = null;
  const end = async (app) => {
    if (await editor?.end(app)) editor = null;
  };
  const start = (app, given) => {
    editor = new Editor(app, given, () => end(app));
  };
  return {
    name: 'text',
    down(app, point) {
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
      const layer = placeOf(app.state.layers, app.layer)?.layer;
      const again = !wide && layer?.text && !layer.locked && await isOn(app, layer, a);
      if (editor || app.tool.name !== 'text') return; // meanwhile another one was begun, or another tool chosen
      if (again) start(app, { layer });
      else start(app, { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: wide ? Math.abs(b.x - a.x) : null });
    },
    drop(app) {
      from = null;
      app.overlay.draft(null);
      end(app);
    },
    leave(app) {
      this.drop(app);
    },
    /** Writes the chosen text layer again. */
    again(app) {
      const layer = placeOf(app.state.layers, app.layer)?.layer;
      if (!editor && layer?.text && !layer.locked) start(app, { layer });
      return Boolean(editor);
    },
  };
}

async function isOn(app, layer, { x, y }) {
  const box = await app.link.ask('bounds', { layer: layer.id });
  return Boolean(box) && x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
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
    this.ending = false;
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
    const values = valuesOf(options, this.rgba);
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

  /** What was undone or deleted meanwhile takes no words with it: they come to stand above what is chosen then. */
  operation(text) {
    const { state: { layers }, layer } = this.app;
    if (this.layer && placeOf(layers, this.id)) return { kind: 'layer.text', body: { layer: this.id, text } };
    const above = placeOf(layers, this.above?.layer.id) ?? placeOf(layers, layer);
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

  /** Makes an operation of what is written. Resolves to whether it is there; where it isn't, the words stay in the text area. */
  async end(app) {
    if (this.ending) return false;
    this.ending = true;
    this.count += 1;
    this.area.readOnly = true;
    const kept = await this.keep(app).catch((error) => app.refuse(error.message));
    this.ending = false;
    this.area.readOnly = false;
    if (kept) this.leave(app);
    return Boolean(kept);
  }

  async keep(app) {
    if (!this.content.trim()) {
      app.link.tell('shift.drop');
      return !placeOf(app.state.layers, this.id) || app.do('layer.remove', { layer: this.id });
    }
    const text = await this.text();
    if (Array.from(text.content).length * Math.floor(text.size / 16) ** 2 > MOST_AREA) {
      app.refuse('This text is too large to be drawn. Make it shorter or smaller.'); // as the server would, once the words are gone
      return false;
    }
    if (this.layer && inOrder(text) === inOrder(this.layer.text)) {
      app.link.tell('shift.drop');
      return true;
    }
    const { kind, body } = this.operation(text);
    if (kind === 'layer.add') app.wanted = this.id;
    const done = await app.do(kind, body);
    if (done) say(this.note.textContent || word('text.written'));
    return done;
  }

  leave(app) {
    app.options.removeEventListener('change', this.changed);
    this.whole.remove();
    app.parts.stage.focus({ preventScroll: true });
  }
}

/** Values as text; a text that came from the server may have its fields in another order. */
const inOrder = (values) => JSON.stringify(values, (_name, value) => (value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value));

/** What a layer is called: its first words. */
const nameOf = (content) => Array.from(content.trim().replace(/\s+/g, ' ')).slice(0, NAME).join('') || word('tool.text');
