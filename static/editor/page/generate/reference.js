// "Use as reference": the picture as it is now goes into the history, and a new one is begun with it.
import { call } from '../files/calls.js';
import { ended } from '../files/orders.js';
import { icon, make } from '../make.js';
import { say } from '../say.js';
import { sentenceOf, word } from '../words.js';

export class Reference {
  constructor(generation) {
    this.generation = generation;
    this.button = make('button', { type: 'button', class: 'button button-primary', data: { part: 'order' }, text: word('generate.go.reference'), on: { click: () => this.make() } });
    this.link = make('a', { class: 'button button-primary', hidden: true }, [icon('image-up', 'small'), make('span', { text: word('generate.toCreate') })]);
    this.state = make('p', { class: 'generate-hint', role: 'status' });
    this.element = make('div', { class: 'generate-foot' }, [this.button, this.link, this.state]);
  }

  async make() {
    const { app, site } = this.generation;
    if (this.button.hasAttribute('aria-busy')) return;
    this.button.setAttribute('aria-busy', 'true');
    try {
      this.state.textContent = word('export.sending');
      const operation = await app.link.ask('sent');
      const ordered = await call(site.addresses.export, { token: site.token, json: { operation, format: 'png' } });
      const { picture } = await ended(ordered, ({ state }) => {
        this.state.textContent = word(`export.${state}`);
      });
      const [id] = /[0-9a-f-]{36}/.exec(picture);
      this.link.href = `${site.addresses.create}?reference=${encodeURIComponent(`picture:${id}`)}`;
      this.link.hidden = false;
      this.button.hidden = true;
      this.state.textContent = word('export.done');
      this.link.focus();
    } catch (error) {
      this.state.textContent = sentenceOf(error.message);
      say(this.state.textContent);
    }
    this.button.removeAttribute('aria-busy');
  }
}
