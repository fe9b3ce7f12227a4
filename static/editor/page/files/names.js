// Names that a person gives: to the document, and to versions of it.
import { say, toast } from '../say.js';
import { word } from '../words.js';
import { call } from './calls.js';

export class Names {
  constructor(app, dialog, title, { token, addresses }) {
    Object.assign(this, { app, dialog, title, token, addresses });
    this.versions = [];
  }

  /** Asks for a name; resolves to it, or to null. */
  ask(heading, value = '') {
    const { dialog } = this;
    const input = dialog.querySelector('input');
    dialog.querySelector('[data-part=title]').textContent = heading;
    input.value = value;
    dialog.returnValue = '';
    dialog.showModal();
    input.select();
    return new Promise((resolve) => {
      dialog.querySelector('form').onsubmit = () => resolve(input.value.trim() || null);
      dialog.onclose = () => resolve(null); // after a name was given it changes nothing
    });
  }

  async rename() {
    const title = await this.ask(word('rename'), this.title.textContent.trim());
    if (title === null || title === this.title.textContent.trim()) return;
    await this.try(async () => {
      const answer = await call(this.addresses.rename, { token: this.token, form: { title } });
      this.title.textContent = answer.title;
      document.title = answer.title + document.title.slice(document.title.lastIndexOf(' · '));
      say(word('renamed'));
    });
  }

  async keepVersion() {
    const name = await this.ask(word('version.name'));
    if (name === null) return;
    await this.try(async () => {
      const { head } = await this.app.link.ask('settled');
      this.take(await call(this.addresses.versions, { token: this.token, json: { operation: head, name } }));
      say(word('version.kept', { name }));
    });
  }

  async load() {
    try {
      this.take(await call(this.addresses.versions));
    } catch {
      // Without a network the list stays as it is.
    }
  }

  take({ versions }) {
    this.versions = versions;
    this.app.parts.history.showVersions(versions);
  }

  async open({ operation, name }) {
    await this.try(async () => {
      if (await this.app.link.ask('goto', { id: operation })) toast(word('version.open', { name }));
    });
  }

  async try(work) {
    try {
      await work();
    } catch (error) {
      this.app.refuse(error.message);
    }
  }
}
