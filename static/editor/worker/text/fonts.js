// HarfBuzz and the fonts that texts need, each loaded once, when a text first needs it.
import { page } from '../parts.js';
import { Impossible } from '../layers.js';
import { HarfBuzz } from './harfbuzz.js';

let loading = null;

/** Where everything comes from: list() → the server's list of fonts, file(address) → a response or bytes. */
let source = {
  list: async () => (await fetched(page.fonts)).json(),
  file: (address) => fetched(address),
};

async function fetched(address) {
  const response = await fetch(address, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

/** Takes fonts from elsewhere than from the site. */
export function useFonts(from) {
  source = from;
  loading = null;
}

export class Fonts {
  constructor(list, harfbuzz) {
    Object.assign(this, { list, harfbuzz });
    this.coming = new Map();
  }

  static get() {
    loading ??= (async () => {
      const list = await source.list();
      const { addresses } = list;
      const harfbuzz = await HarfBuzz.load(...(await Promise.all([addresses['harfbuzz.wasm'], addresses['pen.wasm']].map((address) => source.file(address)))));
      return new Fonts(list, harfbuzz);
    })();
    loading.catch(() => {
      loading = null; // asked for again, it is loaded again
    });
    return loading;
  }

  /** The font that a family draws a script with. */
  of(family, weight, script = 'Latn') {
    const { files } = this.list.families[family];
    return `${files[script] ?? files.Latn}-${this.list.weights[weight]}`;
  }

  /** Loads a font; false where it isn't on the server. */
  async load(font) {
    if (this.harfbuzz.has(font)) return true;
    const address = this.list.addresses[font];
    if (!address) return false;
    if (!this.coming.has(font)) {
      this.coming.set(font, (async () => {
        const found = await source.file(address);
        this.harfbuzz.add(font, found instanceof Response ? new Uint8Array(await found.arrayBuffer()) : found);
      })().finally(() => this.coming.delete(font)));
    }
    await this.coming.get(font);
    return true;
  }

  /** Loads all that the text of an operation is drawn with. */
  async loadFor(text) {
    const wanted = new Set([this.of(text.family, text.weight), ...text.lines.flat().map((run) => run[2])]);
    for (const font of wanted) if (!(await this.load(font))) throw new Impossible("A font of this text isn't on this server any more.");
  }
}
