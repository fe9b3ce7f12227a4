// The kernels' files on this machine, as Kernels.load of the worker takes them.
import { readFile } from 'node:fs/promises';

const folder = new URL('../../editor/kernels/', import.meta.url);

/** build: k1, or k1s for the one without SIMD. */
export const kernelFiles = (build) => (part) => readFile(new URL(part ? `${build}-${part}.wasm` : `${build}.wasm`, folder));
