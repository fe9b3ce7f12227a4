// What key presses do, anywhere on the page. While something is under way a press waits for its turn; see turns.js.
import { rowOf } from './keymap.js';

// What depends on nothing that is under way: it waits for nothing, and nothing waits for it.
const APART = /^(zoom|grid|rulers|panels|shortcuts|palette|results|export|flatten|rename|version|pan\.hold|compare\.hold)/;
const CONTROLS = new Set([' ', 'Enter', 'Tab', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']);

const isPlain = ({ ctrlKey, metaKey, altKey }) => !(ctrlKey || metaKey || altKey);

/** Whether a press is one that a curve takes, on which points are set and moved by keys. */
const isOfCurve = (event) => isPlain(event) && Boolean(event.target.matches?.('.effect-curve'));

export const isApart = (command) => APART.test(command ?? '');

export class Keys {
  constructor(app) {
    this.app = app;
  }

  /** Takes a key press anywhere on the page; returns whether it was for the editor. */
  key(event) {
    if (document.querySelector('dialog[open]')) return false;
    if (event.target.matches?.(`input:not([type=range], [type=checkbox], [type=color]), textarea, ${isPlain(event) ? 'select, ' : ''}[contenteditable]`)) return false;
    const entry = rowOf(event);
    const isLetter = this.isLetter(event);
    if (!this.app.turns.busy || (!isLetter && isApart(entry?.command))) return this.press(event, entry);
    if (!isLetter && !this.expects(event, entry)) return false;
    // A key that is held down repeats faster than what it does may be done.
    if (!event.repeat) this.app.turns.take(() => !document.querySelector('dialog[open]') && (this.app.tool.type?.(event) || this.late(event, entry)));
    return true;
  }

  /** Whether a press may be a letter of a text that opens. */
  isLetter(event) {
    const { tool, parts } = this.app;
    return tool.name === 'text' && event.key.length === 1 && isPlain(event) && [parts.stage, document.body].includes(event.target);
  }

  /** A press in its turn; what lasts while a key is held isn't begun any more: the key may be up by then. */
  late(event, entry) {
    return !entry?.command.endsWith('.hold') && this.press(event, entry);
  }

  /** Whether a press is going to be for the editor once it has its turn. */
  expects(event, entry) {
    const { key, target } = event;
    if (key !== 'Escape' && isOfCurve(event)) return false;
    const onStage = target === this.app.parts.stage;
    if (key === 'Tab') return onStage && this.app.tool.name === 'mesh';
    if (onStage && CONTROLS.has(key)) return true;
    if (CONTROLS.has(key) && target !== document.body) return false;
    return key === 'Escape' || Boolean(entry && !entry.passive);
  }

  press(event, entry) {
    const { target } = event;
    const onStage = target === this.app.parts.stage;
    if (this.app.generating.ready?.strip.key(event)) return true;
    if (event.key === 'Escape') return this.escape();
    if (onStage && (this.app.tool.frames ? this.app.tool.key?.(this.app, event) : this.app.cursor.key(event))) return true;
    if (isOfCurve(event)) return false;
    // Keys that a control has a use for are the control's.
    if (isPlain(event) && !onStage && target !== document.body && CONTROLS.has(event.key)) return false;
    if (event.key === 'Tab' || !entry || entry.passive) return false;
    if (entry.command.startsWith('box.')) return (onStage && this.app.generating.ready?.frame.key(event, entry.command)) || false;
    if (entry.command === 'pan.hold') {
      this.app.pointer.space = true;
      this.app.parts.stage.dataset.held = '';
      return true;
    }
    if (entry.command === 'compare.hold') {
      if (!event.repeat) this.app.compare(true);
      return true;
    }
    if (entry.command === 'opacity.digit') {
      if (this.app.options.has(this.app.tool.name, 'opacity')) this.app.options.set(this.app.tool.name, 'opacity', Number(entry.key) * 10 || 100);
      return true;
    }
    return this.app.run(entry.command);
  }

  up(event) {
    if (event.key === ' ') {
      this.app.pointer.space = false;
      delete this.app.parts.stage.dataset.held;
    }
    if (this.app.comparing && rowOf(event)?.command === 'compare.hold') this.app.compare(false);
  }

  escape() {
    if (this.app.effects.ready?.cancel()) return true;
    if (this.app.pointer.drop() || this.app.cursor.drop()) return true;
    this.app.turns.hold(this.app.tool.drop(this.app));
    return this.app.generating.ready?.escape() ?? false;
  }
}
