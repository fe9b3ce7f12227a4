// HarfBuzz in WebAssembly, the file that the server runs: glyphs of a run, and their outlines. The twin of editor/replay/text/harfbuzz.py.
import { Impossible } from '../layers.js';

const PAGE = 65536;
const NUMBERS = 65536; // of an outline's commands
const PEN = ['move_to', 'line_to', 'quadratic_to', 'cubic_to', 'close_path'];
const LIGATURES = ['liga', 'clig'];

export class HarfBuzz {
  /** harfbuzz, pen: compiled or responses; see fonts/pen.c. */
  static async load(harfbuzz, pen) {
    const own = new HarfBuzz();
    const asked = { emscripten_resize_heap: (wanted) => own.grow(wanted) };
    const nothing = () => 0; // never called
    const imports = new Proxy({}, { get: () => new Proxy(asked, { get: (given, name) => given[name] ?? nothing }) });
    own.run = (await instantiated(harfbuzz, imports)).exports;
    own.run.__wasm_call_ctors();
    own.take((await instantiated(pen, { env: { memory: own.run.memory } })).exports);
    return own;
  }

  constructor() {
    this.fonts = new Map(); // by id: HarfBuzz's own font
    this.outlines = new Map();
  }

  /** Makes drawing functions of the pen's, which write to a room of their own. */
  take(pen) {
    const { run } = this;
    const table = run.__indirect_function_table;
    this.funcs = run.hb_draw_funcs_create();
    for (const name of PEN) run[`hb_draw_funcs_set_${name}_func`](this.funcs, table.grow(1, pen[name]), 0, 0);
    this.room = run.malloc(8 + 4 * NUMBERS);
  }

  grow(wanted) {
    const { memory } = this.run;
    try {
      memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / PAGE));
      return 1;
    } catch {
      return 0;
    }
  }

  /** Takes a font's file in. */
  add(font, bytes) {
    const { run } = this;
    const blob = run.hb_blob_create(this.put(bytes), bytes.length, 1, 0, 0);
    this.fonts.set(font, run.hb_font_create(run.hb_face_create(blob, 0)));
  }

  has(font) {
    return this.fonts.has(font);
  }

  font(font) {
    const found = this.fonts.get(font);
    if (!found) throw new Impossible("A font of this text isn't on this server any more.");
    return found;
  }

  /** What a font says about its lines, in font units. */
  measures(font) {
    const { run } = this;
    const at = this.font(font);
    const room = run.malloc(12 * 4);
    run.hb_font_get_h_extents(at, room);
    const [ascent, descent] = this.read(room, 2);
    run.free(room);
    return { em: run.hb_face_get_upem(run.hb_font_get_face(at)), ascent, descent };
  }

  /** Whether a font has a letter. */
  draws(font, letter) {
    const { run } = this;
    const room = run.malloc(4);
    const found = run.hb_font_get_nominal_glyph(this.font(font), letter, room);
    run.free(room);
    return Boolean(found);
  }

  /** The glyphs of a part of a text of code points, from left to right. spaced: letters that stand apart aren't joined. */
  shape(font, text, start, end, script, { rtl = false, spaced = false }) {
    const { run } = this;
    const buffer = run.hb_buffer_create();
    const words = this.put(new Uint8Array(Uint32Array.from(text).buffer));
    run.hb_buffer_add_codepoints(buffer, words, text.length, start, end - start);
    run.hb_buffer_set_direction(buffer, rtl ? 5 : 4);
    const tag = this.put(new TextEncoder().encode(script));
    run.hb_buffer_set_script(buffer, run.hb_script_from_string(tag, script.length));
    const features = spaced ? this.put(new Uint8Array(Uint32Array.from(LIGATURES.flatMap(feature)).buffer)) : 0;
    run.hb_shape(this.font(font), buffer, features, spaced ? LIGATURES.length : 0);
    const count = run.hb_buffer_get_length(buffer);
    const infos = this.read(run.hb_buffer_get_glyph_infos(buffer, 0), 5 * count);
    const places = this.read(run.hb_buffer_get_glyph_positions(buffer, 0), 5 * count);
    run.hb_buffer_destroy(buffer);
    for (const address of [words, tag, features]) if (address) run.free(address);
    return Array.from({ length: count }, (_, i) => {
      const at = 5 * i;
      return { id: infos[at], cluster: infos[at + 2], advance: places[at], dx: places[at + 2], dy: places[at + 3] };
    });
  }

  /** A glyph's outline as the commands of fonts/pen.c, y upwards. */
  outline(font, glyph) {
    const key = `${font} ${glyph}`;
    if (!this.outlines.has(key)) this.outlines.set(key, this.drawn(font, glyph));
    return this.outlines.get(key);
  }

  drawn(font, glyph) {
    const { run, room } = this;
    new Int32Array(run.memory.buffer, room, 2).set([0, NUMBERS]);
    run.hb_font_draw_glyph(this.font(font), glyph, this.funcs, room);
    const [count] = this.read(room, 1);
    if (count > NUMBERS) throw new Impossible('A letter of this text is too complex to be drawn.');
    return this.read(room + 8, count);
  }

  put(bytes) {
    const at = this.run.malloc(Math.max(1, bytes.length));
    new Uint8Array(this.run.memory.buffer).set(bytes, at);
    return at;
  }

  /** A copy of so many numbers. */
  read(at, count) {
    return new Int32Array(this.run.memory.buffer, at, count).slice();
  }
}

/** A font's feature, off for the whole run. */
const feature = (tag) => [[...tag].reduce((sum, letter) => sum * 256 + letter.charCodeAt(0), 0), 0, 0, 0xffffffff];

async function instantiated(source, imports) {
  const { instance } = source instanceof Response ? await WebAssembly.instantiateStreaming(source, imports) : await WebAssembly.instantiate(source, imports);
  return instance;
}
