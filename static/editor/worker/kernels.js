// The kernels and their memory: room is given in order and taken back all at once; see editor/kernels/k1.c.

export const ENGINE = 'k1'; // what operations name, so that old documents find the kernels that they were made with
const PAGE = 65536;
const MOST = 16384; // pages: 1 GB
const BEGIN = 1 << 20; // behind the tables and stacks of all parts: editor/kernels/build.py
const STEP = 256; // pages that memory grows by at once: each time costs, and what isn't touched takes nothing
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

export class Kernels {
  /** files: resolves the name of a part, '' for the first, to its bytes or to a response that brings them. */
  static async load(files) {
    const kernels = new Kernels(files);
    await kernels.add('');
    return kernels;
  }

  /** Whether this browser runs the faster of the two builds. */
  static hasSimd() {
    return WebAssembly.validate(SIMD_PROBE);
  }

  constructor(files) {
    this.files = files;
    this.memory = new WebAssembly.Memory({ initial: 512, maximum: MOST });
    this.run = {}; // the kernels by name
    this.parts = new Map(); // by name: resolves once its kernels are there
    this.begin = BEGIN;
    this.next = this.begin;
    this.all = new Uint8Array(this.memory.buffer);
  }

  /** Loads a part, which shares this memory; once. */
  add(part) {
    if (!this.parts.has(part)) {
      const loading = this.instantiate(part);
      this.parts.set(part, loading);
      loading.catch(() => this.parts.delete(part)); // asked for again, it is loaded again
    }
    return this.parts.get(part);
  }

  async instantiate(part) {
    const source = await this.files(part);
    const imports = { env: { memory: this.memory } };
    const { instance } = source instanceof Response
      ? await WebAssembly.instantiateStreaming(source, imports)
      : await WebAssembly.instantiate(source, imports);
    Object.assign(this.run, instance.exports);
  }

  /** Takes every address back, or those given since `mark`. */
  reset(mark = this.begin) {
    this.next = mark;
  }

  /** The address of so many fresh bytes; views that were taken before may be of no use afterwards. */
  room(size) {
    const at = Math.ceil(this.next / 16) * 16;
    this.next = at + size;
    const missing = this.next - this.memory.buffer.byteLength;
    if (missing > 0) {
      const pages = Math.ceil(missing / PAGE);
      const left = MOST - this.memory.buffer.byteLength / PAGE;
      this.memory.grow(Math.max(pages, Math.min(STEP, left)));
      this.all = new Uint8Array(this.memory.buffer);
    }
    return at;
  }

  /** Copies an array of any type into fresh room and returns its address. */
  put(values) {
    const at = this.room(values.byteLength);
    this.all.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    return at;
  }

  bytes(at, size) {
    return this.all.subarray(at, at + size);
  }

  numbers(at, count) {
    return new Int32Array(this.memory.buffer, at, count);
  }
}
