// A part of the page of which all but this is loaded when it is first used.
export class Later {
  /** load: resolves to what the part is, once its script is there. */
  constructor(app, load) {
    this.app = app;
    this.load = load;
    this.ready = null;
    this.loading = null;
  }

  /** Does something with all of it; a sentence says where it can't be loaded. */
  async run(method, ...values) {
    this.loading ??= this.load().then((part) => {
      this.ready = part;
    });
    try {
      await this.loading;
    } catch (error) {
      this.loading = null;
      console.error(error);
      this.app.refuse("The server can't be reached. Try again when you're connected.");
      return;
    }
    await this.ready[method](...values);
  }

  /** Fills the panel of settings for the tool in hand, which begins. */
  show(place) {
    this.shown = this.fill(place);
  }

  async fill(place) {
    const { tool } = this.app;
    if (!this.ready) await this.run('follow');
    if (this.app.tool === tool) await this.ready?.show(place);
  }
}
