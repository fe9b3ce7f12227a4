// Crop, transform, mesh and the sizes of a document: which of them is in hand, its panel, and what is drawn over the picture.
import { icon, make } from '../make.js';
import { word } from '../words.js';
import { fieldsOf } from './controls.js';
import { Crop } from './crop.js';
import { Sizes } from './sizes.js';
import { Transform } from './transform.js';

const ACTIONS = { crop: ['image.size', 'canvas.size', 'orient.270', 'orient.90', 'orient.180', 'orient.flip_x', 'orient.flip_y'], transform: [], mesh: [] };

export class Room {
  constructor(app) {
    this.app = app;
    this.coarse = matchMedia('(pointer: coarse)');
    this.keys = {}; // that are held while something is dragged
    this.crop = new Crop(this);
    this.transform = new Transform(this);
    this.sizes = new Sizes(app);
    this.seen = '';
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'keyup']) {
      document.addEventListener(type, ({ shiftKey, altKey, ctrlKey, metaKey }) => {
        this.keys = { shift: shiftKey, alt: altKey, ctrl: ctrlKey || metaKey };
      }, { capture: true, passive: true });
    }
    app.overlay.frames = (context) => app[app.tool.room]?.ready?.tool?.draw(context);
  }

  get tool() {
    return this.app.tool.frames ? this[this.app.tool.name] : null;
  }

  /** Fills the panel for the tool in hand; resolves once that knows what it is for. */
  async show(place) {
    if (this.app.tool.name === 'mesh' && !this.mesh) await this.loadMesh();
    const { app, tool } = this;
    const { name } = app.tool;
    if (!tool) return;
    const panel = make('div', { class: 'geometry', on: { keydown: (event) => this.keyInPanel(event) } }, [
      make('h2', { class: 'panel-title', text: word(`tool.${name}`) }),
      ...tool.controls(),
      make('div', { class: 'panel-actions' }, [
        make('button', { type: 'button', class: 'button button-primary button-small', on: { click: () => tool.apply() } }, [icon('check', 'small'), word(`${name}.apply`)]),
        make('button', { type: 'button', class: 'button button-small', text: word(`${name}.reset`), on: { click: () => tool.drop() } }),
      ]),
      make('p', { class: 'panel-help', text: word(`help.${name}`) }),
      ...(ACTIONS[name].length ? [make('h3', { class: 'panel-title', text: word('whole') }), make('div', { class: 'panel-actions' }, ACTIONS[name].map((command) => app.button(command)))] : []),
    ]);
    place.replaceChildren(panel);
    this.seen = '';
    this.follow();
    tool.show();
    return tool.begin?.();
  }

  async loadMesh() {
    try {
      this.mesh = new (await import('./mesh.js')).Mesh(this);
    } catch (error) {
      console.error(error);
      this.app.refuse("The server can't be reached. Try again when you're connected.");
    }
  }

  /** Enter in a number applies, as on the canvas. */
  keyInPanel(event) {
    if (event.key !== 'Enter' || event.isComposing || !event.target.matches('.geometry-numbers input')) return;
    event.target.dispatchEvent(new Event('change'));
    this.tool?.apply();
    event.preventDefault();
  }

  fields(id, names, how) {
    return fieldsOf(id, names, how);
  }

  /** The document or what is chosen of it has changed. */
  follow() {
    const { app } = this;
    const size = `${app.state.width} ${app.state.height}`;
    if (size !== this.seen) this.crop.reset();
    this.seen = size;
    if (app.tool.name === 'crop') this.crop.show();
    else this.tool?.begin?.();
  }

  imageSize() {
    this.sizes.image();
  }

  canvasSize() {
    this.sizes.canvas();
  }
}
