// Crop, transform and sizes, as far as the page needs them before one is used; all else of them is in geometry/ and loaded then.
export class Geometry {
  constructor(app) {
    this.app = app;
    this.ready = null; // Room, once it is loaded
    this.loading = null;
  }

  /** Does something with all of it; a sentence says where it can't be loaded. */
  async run(method, ...values) {
    this.loading ??= import('./geometry/room.js').then(({ Room }) => {
      this.ready = new Room(this.app);
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
  async show(place) {
    const { tool } = this.app;
    if (!this.ready) await this.run('follow');
    if (this.app.tool === tool) this.ready?.show(place);
  }
}

/** A tool whose frame is drawn and dragged by what is loaded when it is chosen. */
export function framed(name) {
  const pass = (method) => (app, ...rest) => app.geometry.ready?.[name][method](...rest);
  return { name, frames: true, ...Object.fromEntries(['down', 'move', 'up', 'drop', 'hover', 'finish', 'key', 'leave'].map((method) => [method, pass(method)])) };
}
