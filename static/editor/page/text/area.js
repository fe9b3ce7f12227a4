// The text area in which a text is written, beside the text itself, which the worker draws meanwhile. It is an operation once it is
// ended, by Escape, Ctrl+Enter or a press elsewhere.
import { newId } from '../../worker/ids.js';
import { opaque } from '../colour.js';
import { Kept } from '../kept.js';
import { make } from '../make.js';
import { say } from '../say.js';
import { placeOf } from '../tree.js';
import { word } from '../words.js';
import { arc } from './bending.js';
import { inOrder, onDocument, onPlane, optionsOf, valuesOf } from './values.js';

const MOST_LETTERS = 5000;
const MOST_AREA = 400_000_000; // letters times the square of their size in pixels
const FAR = 4 * 8192 * 16; // sixteenths
const NAME = 40; // letters of a layer's name

/** One text while it is written. */
export class Area {
  /** given: { layer } that is written again, or { x, y, width } of a new one. */
  constructor(app, { layer = null, x, y, width }, done) {
    this.app = app;
    this.layer = layer;
    this.id = layer?.id ?? newId();
    this.above = placeOf(app.state.layers, app.layer);
    this.done = done;
    this.ending = null;
    this.following = Promise.resolve();
    this.count = 0;
    this.head = app.state.history.head;
    this.stood = layer?.place; // where its layer stood when there was one last
    this.isLoose = !layer; // whether it has no layer now, so that its place is one of the document
    this.place = layer ? { x: layer.text.x, y: layer.text.y, width: layer.text.width } : { x: Math.round(x * 16), y: Math.round(y * 16), width: width ? Math.max(16, Math.round(width * 16)) : undefined };
    if (layer) optionsOf(app.options, layer.text);
    this.rgba = layer?.text.rgba ?? opaque(app.options.front);
    this.front = app.options.front;
    this.kept = new Kept('text');
    this.show(layer?.text.content ?? '');
    this.hear();
    if (layer) this.draw();
  }

  show(content) {
    this.area = make('textarea', { class: 'input editor-words', rows: 2, maxlength: MOST_LETTERS, dir: 'auto', 'aria-label': word('text.words'), placeholder: word('text.type'), spellcheck: 'true' });
    this.area.value = content;
    this.note = make('p', { class: 'editor-words-note', role: 'status' });
    this.whole = make('div', { class: 'editor-writing' }, [this.area, this.note]);
    this.app.parts.stage.after(this.whole);
    this.stand();
    this.area.focus({ preventScroll: true });
    this.area.select();
  }

  hear() {
    const { app: { options, link }, area } = this;
    area.addEventListener('input', () => this.typed());
    area.addEventListener('keydown', (event) => this.key(event));
    this.changed = () => {
      if (options.front !== this.front) this.rgba = opaque(options.front);
      this.front = options.front;
      this.typed();
    };
    this.follow = () => this.moved();
    options.addEventListener('change', this.changed);
    link.addEventListener('state', this.follow);
  }

  typed() {
    const { options, options: { front, back } } = this.app;
    this.kept.put(this.content.trim() && { content: this.content, layer: this.id, x: this.place.x / 16, y: this.place.y / 16, width: this.place.width / 16 || null, front, back, options: options.tools.text ?? {} });
    this.draw();
  }

  /** Takes what was being written when the page was left. */
  take({ content, front, back, options }) {
    this.area.value = content;
    for (const [name, value] of Object.entries(options)) this.app.options.set('text', name, value);
    this.app.options.setColours(front, back);
  }

  /** The document has changed below what is written, by an undo or another device. */
  moved() {
    this.following = this.following.then(() => this.catchUp());
  }

  async catchUp() {
    const { state: { history: { head }, layers }, link } = this.app;
    if (this.ending || this.head === head) return;
    const from = this.head;
    this.head = head;
    const found = placeOf(layers, this.id);
    if (!found || this.isLoose) await this.carry(link, from, head);
    if (found) this.rejoin(found.layer);
    this.stand();
    if (this.content.trim()) this.draw();
  }

  /** Moves what is no layer, or is none any more, along with the picture. */
  async carry(link, from, to) {
    const { x, y } = onDocument(this.stood, this.place.x / 16, this.place.y / 16);
    Object.assign(this, { stood: null, isLoose: true });
    this.stayAt(await link.ask('carried', { from, to, x, y }).catch(() => ({ x, y })));
  }

  /** Its layer is there, perhaps again: what went along with the picture comes back to the layer's plane. */
  rejoin({ place }) {
    if (this.isLoose) this.stayAt(onPlane(place, this.place.x / 16, this.place.y / 16));
    Object.assign(this, { stood: place, isLoose: false });
  }

  stayAt(at) {
    for (const name of ['x', 'y']) this.place[name] = Math.max(-FAR, Math.min(FAR, Math.round(at[name] * 16)));
  }

  /** Above the place where the text begins, inside of what is seen. */
  stand() {
    const { app, whole, place } = this;
    const { stage } = app.parts;
    const { x: left, y: top } = onDocument(placeOf(app.state.layers, this.id)?.layer.place, place.x / 16, place.y / 16);
    const at = app.view.toScreen(left, top);
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

  /** Takes a key that was pressed while the text area was on its way, as if it had been there. Returns whether it is of a text. */
  type({ key, ctrlKey, metaKey, altKey }) {
    const { area } = this;
    const letters = { Enter: '\n', Backspace: '' }[key] ?? (key.length === 1 ? key : null);
    if (letters === null || ctrlKey || metaKey || altKey || document.activeElement !== area) return false;
    const from = Math.max(0, area.selectionStart - Number(key === 'Backspace' && area.selectionStart === area.selectionEnd));
    const isFull = area.value.length - (area.selectionEnd - from) + letters.length > MOST_LETTERS;
    if (letters && isFull) return true; // setRangeText would take it
    area.setRangeText(letters, from, area.selectionEnd, 'end');
    this.typed();
    return true;
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
  end(app) {
    this.ending ??= this.close(app);
    return this.ending;
  }

  async close(app) {
    this.count += 1;
    this.area.readOnly = true;
    const kept = await this.keep(app).catch((error) => app.refuse(error.message));
    this.ending = null;
    this.area.readOnly = false;
    if (kept) this.leave(app);
    return Boolean(kept);
  }

  async keep(app) {
    await this.following;
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
    this.kept.drop();
    app.options.removeEventListener('change', this.changed);
    app.link.removeEventListener('state', this.follow);
    this.whole.remove();
    app.parts.stage.focus({ preventScroll: true });
  }
}

/** What a layer is called: its first words. */
const nameOf = (content) => Array.from(content.trim().replace(/\s+/g, ' ')).slice(0, NAME).join('') || word('tool.text');
