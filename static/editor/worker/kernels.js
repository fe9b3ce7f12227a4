// The kernels and their memory: room is given in order and taken back all at once; see editor/kernels/k1.c.

export const ENGINE = 'k1'; // what operations name, so that old documents find the kernels that they were made with
const PAGE = 65536;
const MOST = 16384; // pages: 1 GB
const STEP = 256; // pages that memory grows by at once: each time costs, and what isn't touched takes nothing
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

export class Kernels {
  /** Compiles the kernels from their bytes or from a response. */
  static async load(source) {
    const memory = new WebAssembly.Memory({ initial: 512, maximum: MOST });
    const imports = { env: { memory } };
    const { instance } = source instanceof Response
      ? await WebAssembly.instantiateStreaming(source, imports)
      : await WebAssembly.instantiate(source, imports);
    return new Kernels(instance.exports, memory);
  }

  /** Whether this browser runs the faster of the two builds. */
  static hasSimd() {
    return WebAssembly.validate(SIMD_PROBE);
  }

  constructor(run, memory) {
    this.run = run; // the kernels by name
    this.memory = memory;
    this.begin = run.__heap_base.value;
    this.next = this.begin;
    this.all = new Uint8Array(memory.buffer);
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
