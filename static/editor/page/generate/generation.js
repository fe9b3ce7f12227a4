// Generative tools: what is asked for with each, what it would cost, and the order itself. `panel` shows it, `frame` draws the
// box, `orders` knows what was ordered, `strip` shows that, `look` lays a result over the picture.
import { newId } from '../../worker/ids.js';
import { call } from '../files/calls.js';
import { newSeed } from '../options.js';
import { say } from '../say.js';
import { sentenceOf, word } from '../words.js';
import { Asked, LOCAL } from './asked.js';
import { Frame } from './frame.js';
import { Look } from './look.js';
import { Orders } from './orders.js';
import { Panel } from './panel.js';
import { Sheet } from './sheet.js';
import { Strip } from './strip.js';

const PAUSE = 200; // ms without a change after which the price is asked for
const FRESH = 60_000; // ms after which what can be ordered is asked again
const OF_SELECTION = new Set(['fill', 'replace', 'erase']);
const OF_BOTH = new Set(['variations', 'instruct']); // of what is selected or of the whole picture, as the person chooses
const OFFLINE = "The server can't be reached. Try again when you're connected.";

export class Generation {
  /** changed: tells other tabs of this browser that there are other orders now. */
  constructor(app, site, changed) {
    Object.assign(this, { app, site, changed });
    this.options = null; // what can be ordered, as the server says
    this.asked = new Asked(site);
    this.quote = null; // the price of what is asked for now; null while it isn't known
    this.seen = null; // the box that the server proposed last
    this.marked = ''; // what was selected then
    this.selectedBox = null;
    this.hint = ''; // why nothing can be ordered
    this.turn = 0;
    this.timer = 0;
    this.busy = false;
    this.focusing = false; // the words are wanted as soon as they are there
    this.press = null; // { id, said }: an order that may not have arrived
    this.look = new Look(this);
    this.frame = new Frame(this);
    this.orders = new Orders(this);
    this.strip = new Strip(this);
    this.panel = new Panel(this);
    this.sheet = new Sheet(this);
    app.overlay.guest = { under: (context) => this.look.draw(context), over: (context) => this.frame.draw(context) };
  }

  /** The generative tool in hand, or undefined. */
  get tool() {
    return this.app.tool.generates;
  }

  get entry() {
    return this.options?.tools.find(({ tool }) => tool === this.tool) ?? null;
  }

  get mine() {
    return this.asked.of(this.tool);
  }

  /** Whether the tool works on this device, without the server. */
  get local() {
    return this.tool === 'erase' && this.model === LOCAL;
  }

  /** The model that is chosen, or the first that there is. */
  get model() {
    const ids = [...(this.tool === 'erase' ? [LOCAL] : []), ...(this.entry?.models ?? []).map(({ id }) => id)];
    return ids.includes(this.mine.model) ? this.mine.model : ids[0] ?? null;
  }

  /** Whether the tool can be about the selection. */
  get maySelect() {
    return OF_SELECTION.has(this.tool) || OF_BOTH.has(this.tool);
  }

  /** Whether what is asked for is about the selection. */
  get bySelection() {
    if (OF_BOTH.has(this.tool)) return this.app.state.selected && !this.mine.whole;
    return OF_SELECTION.has(this.tool);
  }

  async show(place) {
    this.seen = null;
    if (this.look.result && this.look.found.tool !== this.tool) this.look.hide();
    this.panel.show(place);
    this.frame.begin();
    this.sheet.rise(this.bySelection && this.lacking());
    if (!this.options || performance.now() - this.options.at > FRESH) {
      await this.learn();
      if (!this.tool) return;
      this.panel.show(place);
    }
    this.follow();
    if (this.focusing) this.panel.focus();
    this.focusing = false;
  }

  /** Asks what can be ordered; tools that can't leave the bar. */
  async learn() {
    try {
      this.options = { ...(await call(this.site.addresses.generate)), at: performance.now() };
    } catch (error) {
      this.hint = error.message;
      return;
    }
    const offered = new Set(['erase', 'reference', ...this.options.tools.map(({ tool }) => tool)]);
    for (const button of document.querySelectorAll('[data-command^="tool.generate."]')) button.hidden = !offered.has(button.dataset.command.slice(14));
  }

  // --- what is asked for ----------------------------------------------------------------------------------------

  /** Something that is asked for changed. */
  set(values) {
    Object.assign(this.mine, values);
    this.asked.keep(this.tool);
    this.follow();
  }

  /** Words cost nothing: the price stays. */
  setWords(words) {
    this.mine.words = words;
    this.asked.keep(this.tool);
    if (!this.quote) return;
    this.hint = this.wordless();
    this.panel.follow();
  }

  outlined(box) {
    this.selectedBox = box;
    this.follow();
  }

  /** The document, the selection or what is asked for may have changed. */
  follow() {
    this.look.follow();
    const { selected, width, height } = this.app.state;
    // A frame around the picture as it was is none around what it has become.
    if (this.size && this.size !== `${width} ${height}`) this.asked.of('extend').sides = null;
    this.size = `${width} ${height}`;
    if (this.tool && selected && !this.selected && this.bySelection) this.sheet.open();
    this.selected = selected;
    clearTimeout(this.timer);
    if (!this.tool) return;
    this.quote = null;
    this.turn += 1;
    this.panel.follow();
    this.app.overlay.frame();
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const { turn } = this;
    let quote = null;
    let hint = this.lacking();
    if (!hint && this.local) quote = { price: 0, sentence: '', box: null };
    else if (!hint && this.entry) {
      try {
        quote = await call(this.site.addresses.quote, { token: this.site.token, json: await this.wish() });
      } catch (error) {
        hint = sentenceOf(error.message);
      }
    } else if (!hint && this.tool !== 'reference') hint = this.hint || (this.options ? word('generate.noModel') : '');
    if (turn !== this.turn || !this.tool) return;
    Object.assign(this, { quote, hint: hint || this.wordless() });
    if (quote?.box) {
      this.seen = quote.box;
      const name = this.tool === 'extend' ? 'seen' : 'box';
      if (this.mine[name]) this.mine[name] = quote.box; // as it fits what is marked
    }
    this.panel.follow();
    this.app.overlay.frame();
  }

  /** What the person has to do before anything can be ordered, as a sentence. */
  lacking() {
    if (this.bySelection && !this.app.state.selected) return word('generate.selectFirst');
    if (this.tool === 'extend' && !this.canvas) return word('generate.dragFirst');
    return '';
  }

  /** That there are no words yet; the price stands there all the same. */
  wordless() {
    return !this.local && this.entry?.words === 'needed' && !this.mine.words.trim() ? word('generate.wordsFirst') : '';
  }

  /** The canvas that the picture is extended to, as an operation holds it; null where it is the one there is. */
  get canvas() {
    const { width, height } = this.app.state;
    const [x0, y0, x1, y1] = this.mine.sides ?? [0, 0, 0, 0];
    return x0 || y0 || x1 || y1 ? { width: width + x0 + x1, height: height + y0 + y1, dx: x0, dy: y0 } : null;
  }

  /** What is asked for, as the server takes it. */
  async wish() {
    const { app, entry, mine } = this;
    const operation = await app.link.ask('sent');
    const marked = this.bySelection ? await app.link.ask('marked') : null;
    // A box that was dragged belongs to what was selected then.
    if (`${marked}` !== this.marked && this.marked) mine.box = null;
    this.marked = `${marked}`;
    const takes = (name, value) => (value === null || value === undefined ? {} : { [name]: value });
    return {
      tool: this.tool, operation, model: this.model,
      variants: Math.min(entry.variants[1], Math.max(entry.variants[0], mine.variants)),
      marked,
      box: this.tool === 'extend' ? mine.seen ?? null : mine.box ?? null,
      ...takes('strength', entry.strength && (mine.strength ?? entry.strength.default)),
      ...takes('scale', this.tool === 'upscale' ? this.scale?.scale : null),
      ...takes('canvas', this.tool === 'extend' ? this.canvas : null),
      ...takes('layer', this.tool === 'remove_background' ? app.layer : null),
      ...(OF_BOTH.has(this.tool) ? { whole: !this.bySelection } : {}),
    };
  }

  get scale() {
    const scales = this.options?.scales ?? [];
    return scales.find(({ scale }) => scale === this.mine.scale) ?? scales[0];
  }

  // --- orders ---------------------------------------------------------------------------------------------------

  /** Orders what stands on the button, at the price that stands there. */
  async order() {
    const { quote } = this;
    if (this.busy) return;
    if (!quote || quote.sentence || this.wordless()) {
      say(quote?.sentence || this.hint || this.wordless() || word('generate.pricing'));
      if (quote && this.wordless()) this.panel.focus();
      return;
    }
    this.busy = true;
    this.hint = '';
    this.panel.follow();
    try {
      if (this.local) await this.erase();
      else await this.send(quote);
    } catch (error) {
      this.refused(error);
    }
    this.busy = false;
    this.panel.follow();
  }

  async send(quote) {
    const { marked: _marked, ...wish } = await this.wish();
    const { words, feather } = this.mine;
    const json = { ...wish, words: this.entry.words === 'none' ? '' : words.trim(), feather: feather ?? quote.feather, price: quote.price };
    const said = JSON.stringify(json);
    // A press whose answer was lost is the same order when it is pressed again.
    if (this.press?.said !== said) this.press = { id: newId(), said };
    const order = await call(this.site.addresses.orders, { token: this.site.token, json: { ...json, id: this.press.id } });
    this.press = null;
    this.asked.sent(this.tool);
    say(word('generate.ordered'));
    this.orders.take(order);
    this.look.choose(order.id, 0);
    this.changed();
    this.sheet.close();
    this.follow();
  }

  refused(error) {
    const { code, price } = error.answer ?? {};
    this.hint = sentenceOf(error.message || OFFLINE);
    if (code === 'price' && this.quote) Object.assign(this.quote, { price, sentence: '' });
    if (code && code !== 'price') this.press = null;
    say(this.hint);
  }

  /** Fills what is selected from its surroundings, on this device. */
  async erase() {
    const { app } = this;
    if (!app.mayUse(app.tools.get('heal'))) return;
    if (await app.do('erase', { layer: app.layer, seed: newSeed() })) say(word('generate.erased'));
  }

  /** Asks for the same again, so that its words can be changed. */
  async again({ tool = null, words = '', job = null, id = null, mask = false, strength = null, variants = null, canvas = null }) {
    const found = tool ?? this.orders.list.find((order) => order.job && order.job === job)?.tool ?? 'fill';
    if (id && mask) await this.app.do('select', { shape: 'mask', layer: id, how: 'replace' });
    Object.assign(this.asked.of(found), { words, ...(strength === null ? {} : { strength }), ...(variants === null ? {} : { variants }) });
    const { width, height } = this.app.state;
    const sides = canvas && [canvas.dx, canvas.dy, canvas.width - width - canvas.dx, canvas.height - height - canvas.dy];
    if (sides?.every((side) => side >= 0)) this.asked.of(found).sides = sides;
    this.asked.keep(found);
    this.focusing = true;
    if (this.tool === found) await this.show(this.panel.place);
    else this.app.useTool(`generate.${found}`);
    this.sheet.open();
  }

  escape() {
    return this.look.hide();
  }
}
