// The editor's page in one object: what the worker says, which tool is in hand, keys, the view and the clipboard.
import { commandsOf } from './commands.js';
import { ariaOf, shortcutOf, textOf } from './keymap.js';
import { Keys, isApart } from './keys.js';
import { icon, make } from './make.js';
import { say, toast } from './say.js';
import { placeOf, rows } from './tree.js';
import { Turns } from './turns.js';
import { sentenceOf, word } from './words.js';

const ICONS = {
  'layer.add': 'square-plus', 'layer.group': 'folder-plus', 'layer.duplicate': 'copy', 'layer.mask': 'circle-dot', 'layer.up': 'arrow-up',
  'layer.down': 'arrow-down', 'adjust.add': 'sliders-horizontal', 'layer.delete': 'trash-2', 'flatten.new': 'layers-2', version: 'star',
};
const PAINTS = new Set(['brush', 'eraser', 'heal', 'fill', 'gradient', 'move']);
const NEEDS_LAYER = new Set([...PAINTS, 'transform', 'mesh']);
const OF_DOCUMENT = new Set(['orient', 'crop', 'resize', 'straighten', 'canvas']);
const VIEW_ONLY = new Set(['hand', 'zoom', 'pick']);

export class App {
  constructor({ link, view, options, tools, overlay, mac }) {
    Object.assign(this, { link, view, options, tools, overlay, mac });
    this.ratio = 1; // device pixels a pixel of the page
    this.tool = tools.get('brush');
    this.state = { width: 1, height: 1, layers: [], selected: false, canUndo: false, canRedo: false, history: { head: null, items: [], more: 0 } };
    this.layer = null;
    this.parts = {}; // the page's elements, once they are there
    this.commands = commandsOf(this);
    this.turns = new Turns(link);
    this.keys = new Keys(this);
  }

  /** What is painted on: 'pixels' or 'mask' of the layer. */
  get target() {
    return this.options.masks ? 'mask' : 'pixels';
  }

  set target(target) {
    this.options.masks = target === 'mask';
    this.options.dispatchEvent(new Event('change'));
  }

  // --- what the worker says -----------------------------------------------------------------------------------

  take(state) {
    const before = this.state;
    this.state = state;
    const found = placeOf(state.layers, this.layer);
    if (!found) this.layer = (this.wanted && placeOf(state.layers, this.wanted) ? this.wanted : topmost(state.layers)) ?? null;
    if (this.wanted && placeOf(state.layers, this.wanted)) {
      this.layer = this.wanted;
      this.wanted = null;
    }
    if (this.target === 'mask' && !placeOf(state.layers, this.layer)?.layer.mask) this.target = 'pixels';
    this.parts.layers.show();
    this.parts.history.show();
    this.follow();
    this.generating.ready?.follow();
    this.effects.follow();
    this.geometry.ready?.follow();
    this.shapes.ready?.follow();
    const { head, items } = state.history;
    if (before.history.head === null || before.history.head === head) return;
    // What is selected is said with its edge.
    const item = items.find(({ id }) => id === head);
    const isNew = !before.history.items.some(({ id }) => id === head);
    if (!this.walking && isNew && item && item.kind !== 'select') say(word('did', { what: this.nameOf(item) }), true);
    if (before.layers.length !== state.layers.length) say(word('layerCount', { count: rows(state.layers).length }), true);
  }

  follow() {
    for (const button of document.querySelectorAll('[data-command]')) {
      const { command } = button.dataset;
      if (command === 'undo') button.disabled = !this.state.canUndo && !this.tool.undo && !this.tool.frames;
      if (command === 'redo') button.disabled = !this.state.canRedo;
      if (!command.startsWith('tool.')) continue;
      const pressed = String(command === `tool.${this.tool.name}`);
      if (button.getAttribute('aria-pressed') !== pressed) button.setAttribute('aria-pressed', pressed);
    }
  }

  // --- doing --------------------------------------------------------------------------------------------------

  /** Ends what is in hand before operations that change size and place of the document: it goes along with all else. */
  settle(kinds) {
    this.effects.ready?.flush();
    return kinds.some((kind) => OF_DOCUMENT.has(kind)) ? this.tool.settle?.(this) : null;
  }

  async do(kind, body, blob) {
    const settling = this.settle([kind]);
    if (settling) await settling;
    try {
      return await this.link.ask('do', { kind, body: clean(body), blob });
    } catch (error) {
      this.wanted = null;
      this.refuse(error.message);
      return null;
    }
  }

  /** Several operations that are one step of the history. */
  async doAll(operations) {
    const settling = this.settle(operations.map(([kind]) => kind));
    if (settling) await settling;
    let joined = false;
    for (const [kind, body, blob] of operations) {
      try {
        await this.link.ask('do', { kind, body: clean(body), blob, joined });
      } catch (error) {
        this.refuse(error.message);
        return false;
      }
      joined = true;
    }
    return true;
  }

  sentenceOf(english) {
    return sentenceOf(english);
  }

  refuse(english) {
    toast(sentenceOf(english), 'warning');
  }

  /** Whether a tool may begin; where it may not, a sentence says why. */
  mayUse(tool) {
    if (this.failed && !VIEW_ONLY.has(tool.name)) return false;
    if (!NEEDS_LAYER.has(tool.name) && !tool.retouches) return true;
    const whole = tool.name === 'move' || (tool.frames && !this.state.selected);
    const layer = placeOf(this.state.layers, this.layer)?.layer;
    const problem = !layer ? word('chooseLayer')
      : layer.locked ? sentenceOf('This layer is locked. Unlock it first.')
      : layer.group && this.target === 'pixels' && !whole ? sentenceOf('A group has no pixels of its own. Choose a layer in it.')
      : layer.adjust && this.target === 'pixels' && !whole ? sentenceOf('An adjustment has no pixels of its own. Paint on its mask.')
      : layer.text && this.target === 'pixels' && !whole ? sentenceOf('This is a text. Turn it into pixels to paint on it, or paint on its mask.')
      : layer.shape && this.target === 'pixels' && !whole ? sentenceOf('This is a shape. Turn it into pixels to paint on it, or paint on its mask.')
      : this.target === 'mask' && (!tool.paints || tool.retouches) && !whole ? word('paintMask')
      : null;
    if (problem) toast(problem, 'warning');
    return !problem;
  }

  inside({ x, y }) {
    return x >= 0 && y >= 0 && x < this.state.width && y < this.state.height;
  }

  useTool(name) {
    if (this.tool.name === name) return;
    if (this.pointer.active?.tool) this.pointer.lift(); // one that waits comes after this
    if (this.cursor.down) this.cursor.lift();
    this.turns.hold(this.tool.leave ? this.tool.leave(this) : this.tool.drop(this));
    this.tool = this.tools.get(name);
    this.turns.hold(this.tool.choose?.(this));
    this.overlay.frame();
    this.parts.stage.style.cursor = '';
    this.parts.properties.show();
    this.parts.stage.dataset.tool = name;
    this.showTool();
    this.hover(this.lastHover, this.lastPointer);
    this.follow();
    say(word(`tool.${name}`));
    this.help(name);
  }

  /** Tooltips, hints and keys of bars come with the first control that is pointed at, or tool that is chosen. */
  help(what) {
    import('./help/help.js').then(({ help }) => help(this, what), () => {});
  }

  /** On a phone the bar of tools scrolls; the one in hand is in sight. */
  showTool() {
    this.parts.root.querySelector(`[data-command="tool.${this.tool.name}"]`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  choose(id, target = 'pixels') {
    if (!placeOf(this.state.layers, id)) return; // deleted meanwhile
    Object.assign(this, { layer: id, target });
    this.parts.layers.show();
    this.effects.follow();
    this.geometry.ready?.follow();
    this.shapes.ready?.follow();
    const { layer } = placeOf(this.state.layers, id);
    say(word(target === 'mask' ? 'layer.maskOf' : 'layerChosen', { name: layer.name }));
  }

  /** Whether moving takes what is selected, and not the whole layer. */
  movesSelection() {
    const layer = placeOf(this.state.layers, this.layer)?.layer;
    return this.state.selected && !layer?.group && !layer?.adjust && !layer?.shape && !layer?.text && this.target === 'pixels';
  }

  moveBy(dx, dy, copy) {
    if (!dx && !dy) {
      this.link.tell('shift.drop');
      return;
    }
    const body = { layer: this.layer, dx, dy };
    if (this.movesSelection()) this.do('move', { ...body, copy: copy || undefined });
    else this.do('layer.shift', body);
  }

  setLayer(values, id = null) {
    this.turns.take(() => {
      const layer = id ?? this.layer;
      return layer && this.do('layer.set', { layer, ...values });
    });
  }

  preview(values) {
    if (this.layer) this.link.tell('preview', { layer: this.layer, values });
  }

  // --- the view -----------------------------------------------------------------------------------------------

  look() {
    this.link.tell('look', { view: this.view.values });
    this.overlay.frame();
    this.tool.look?.();
    this.parts.zoom.textContent = `${this.view.scale >= 0.1 ? Math.round(this.view.scale * 100) : (this.view.scale * 100).toFixed(1)} %`;
    this.hover(this.lastHover, this.lastPointer);
  }

  /** The ring of the brush and the numbers below follow the pointer. */
  hover(point, kind) {
    const { ring } = this.parts;
    this.lastHover = point;
    this.lastPointer = kind;
    ring.hidden = !point || !this.tool.paints || kind === 'touch';
    if (!point) return;
    if (!ring.hidden) {
      const size = Math.max(3, (this.options.get(this.tool.name, 'size') * this.view.scale) / this.ratio);
      ring.style.width = ring.style.height = `${size}px`;
      ring.style.transform = `translate(${point.px / this.ratio - size / 2}px, ${point.py / this.ratio - size / 2}px)`;
    }
    if (kind === 'mouse' && !this.pointer?.active) this.status(`${Math.floor(point.x)}, ${Math.floor(point.y)}`);
  }

  status(text) {
    this.parts.place.textContent = text;
  }

  picked(hex) {
    say(word('picked', { colour: hex }));
  }

  // --- commands -----------------------------------------------------------------------------------------------

  run(command) {
    const act = this.commands[command] ?? (command.startsWith('tool.') ? () => this.useTool(command.slice(5)) : null);
    if (!act) return false;
    if (this.failed && !/^(tool\.(hand|zoom|pick)|zoom|grid|rulers|panels|shortcuts)/.test(command)) return true;
    if (isApart(command)) act();
    else this.turns.take(act);
    return true;
  }

  async walk(direction) {
    this.effects.ready?.flush();
    if (direction === 'undo' && this.tool.undo?.(this)) return;
    const { history } = this.state;
    this.walking = true;
    const done = await this.link.ask(direction).catch((error) => this.refuse(error.message));
    this.walking = false;
    if (done === undefined) return;
    if (!done) say(word(direction === 'undo' ? 'nothingToUndo' : 'nothingToRedo'));
    else {
      const item = history.items.find(({ id }) => id === (direction === 'undo' ? history.head : this.state.history.head));
      say(word(direction === 'undo' ? 'undone' : 'redone', { what: item ? this.nameOf(item) : '' }));
    }
  }

  change(name, by) {
    const tool = this.tool.name;
    const value = this.options.get(tool, name);
    if (!this.options.has(tool, name) || !this.tool.paints) return;
    this.options.set(tool, name, by(value));
    this.hover(this.lastHover, this.lastPointer);
    say(`${word(`option.${name}`)} ${this.options.get(tool, name)}`);
  }

  nextNumber() {
    return rows(this.state.layers).length + 1;
  }

  async copy(layer) {
    const blob = this.link.ask('copy', { layer });
    this.copying = blob; // the clipboard has it later
    try {
      // A promise, since Safari forgets the person's press while the picture is made.
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      say(word('copied'));
      return true;
    } catch (error) {
      this.refuse(error.message === 'Nothing is selected.' ? error.message : "The picture couldn't be copied. Allow this page to use the clipboard.");
      return false;
    } finally {
      if (this.copying === blob) this.copying = null;
    }
  }

  /** Adds a picture, or what is being copied, as a layer around a point, or in the middle of what is seen. */
  paste(picture, ...place) {
    this.turns.take(async () => {
      const part = await import('./pasting.js').catch(() => this.refuse("The server can't be reached. Try again when you're connected."));
      await part?.paste(this, picture, ...place);
    });
  }

  compare(on) {
    this.comparing = on;
    this.link.tell('compare', { on });
    this.parts.compare.setAttribute('aria-pressed', String(on));
    say(word(on ? 'before' : 'after'));
  }

  // --- controls -----------------------------------------------------------------------------------------------

  button(command) {
    return make('button', { type: 'button', class: 'button button-small', data: { command }, ...this.keysOf(command), text: word(command) });
  }

  iconButton(command) {
    const { title, ...keys } = this.keysOf(command);
    return make('button', { type: 'button', class: 'button button-quiet button-icon button-small', data: { command }, 'aria-label': word(command), title: title ?? word(command), ...keys }, [icon(ICONS[command])]);
  }

  /** The tooltip and the keys of a command, for its control. */
  keysOf(command) {
    const entry = shortcutOf(command);
    if (!entry) return {};
    return { title: `${word(command)} (${textOf(entry, this.mac)})`, 'aria-keyshortcuts': ariaOf(entry, this.mac) };
  }
}

/** The layer that is chosen where none is: the topmost that can be painted on. */
function topmost(layers) {
  const order = rows(layers);
  return (order.find(({ layer }) => !layer.group && !layer.adjust) ?? order[0])?.layer.id;
}

/** Without what is undefined, which a log can't hold. */
function clean(body) {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
