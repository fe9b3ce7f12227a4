// A sentence for each tool, the first time that it is chosen in this browser, until hints are turned off in the account's preferences.
import { make } from '../make.js';
import { say, toast } from '../say.js';
import { word } from '../words.js';

const FINGERS = 'touch';

export class Hints {
  constructor(app) {
    this.app = app;
    this.site = app.parts.root.dataset;
    this.coarse = matchMedia('(pointer: coarse)');
    this.card = null;
    this.of = ''; // the tool that the card is about
    app.parts.stage.addEventListener('pointerdown', ({ pointerType }) => this.touched(pointerType), { capture: true });
    addEventListener('keydown', (event) => this.key(event), { capture: true }); // before the page's own keys
  }

  get on() {
    return this.site.hints === 'on';
  }

  chosen(tool) {
    if (this.card && this.of === tool) return;
    this.close();
    // Who has no mouse is told of fingers first.
    if (this.coarse.matches && !this.app.options.hints.includes(FINGERS)) this.touched('touch');
    else this.first(tool, word(`tool.${tool}`), word(`help.${tool}`));
  }

  /** Whoever has begun needs no hint; who has begun with a finger gets the one about fingers. */
  touched(pointerType) {
    this.close();
    if (pointerType === 'touch') this.first(FINGERS, word('hint.touch.title'), word('hint.touch'));
  }

  first(key, title, sentence) {
    const { options } = this.app;
    if (!this.on || options.hints.includes(key)) return;
    options.hints.push(key);
    options.changed();
    this.of = key;
    this.show(title, sentence);
    say(`${title}. ${sentence}`);
  }

  show(title, sentence) {
    const button = (text, act) => make('button', { type: 'button', class: 'button button-small', text, on: { click: act } });
    this.card = make('section', { class: 'editor-hint', 'aria-label': word('hint') }, [
      make('p', {}, [make('strong', { text: title }), ` ${sentence}`]),
      make('div', { class: 'row gap-2' }, [button(word('hint.close'), () => this.dismiss()), button(word('hint.off'), () => this.turn(false))]),
    ]);
    this.app.parts.stage.after(this.card);
  }

  /** Escape in a hint closes it and nothing else. */
  key(event) {
    if (event.key !== 'Escape' || !this.card?.contains(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    this.dismiss();
  }

  dismiss() {
    this.close();
    this.app.parts.stage.focus({ preventScroll: true });
  }

  close() {
    this.card?.remove();
    this.card = null;
  }

  /** Turns hints on or off for the account; turned on, each is shown once more. */
  async turn(on) {
    const { app, site } = this;
    if (this.card) this.dismiss();
    if (!(await this.tell(on))) {
      app.refuse("The server can't be reached. Try again when you're connected.");
      return;
    }
    site.hints = on ? 'on' : 'off';
    if (on) app.options.hints = [];
    app.options.changed();
    toast(word(on ? 'hint.areOn' : 'hint.areOff'));
    say(word(on ? 'hint.areOn' : 'hint.areOff'));
  }

  async tell(on) {
    const body = new URLSearchParams({ hints: on ? 'on' : '' });
    try {
      return (await fetch(this.site.hintsAddress, { method: 'POST', credentials: 'same-origin', headers: { 'X-CSRFToken': this.site.token }, body })).ok;
    } catch {
      return false;
    }
  }
}
