// Runs the frozen vectors of the kernels; used by node's runner and by a page in Chromium. See editor/kernels/vectors.py.
import { Kernels } from '../../static/editor/worker/kernels.js';

function randomBytes(size, seed) {
  const out = new Uint8Array(size);
  let x = seed;
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    out[i] = x >>> 24;
  }
  return out;
}

function block(argument) {
  if ('i32' in argument) return new Uint8Array(Int32Array.from(argument.i32).buffer);
  if ('bytes' in argument) return Uint8Array.from(atob(argument.bytes), (c) => c.charCodeAt(0));
  if ('zeros' in argument) return new Uint8Array(argument.zeros);
  const values = randomBytes(argument.random, argument.seed);
  if ('and' in argument) new Uint16Array(values.buffer).forEach((v, i, all) => { all[i] = v & argument.and; });
  if ('alpha' in argument) for (let i = 3; i < values.length; i += 4) values[i] = argument.alpha;
  if ('below' in argument) values.forEach((v, i) => { values[i] = v < argument.below ? 255 : 0; });
  return values;
}

/** Returns the names of the calls that gave something else than the vectors say. files: the bytes of all parts of a build. */
export async function differing(files, vectors) {
  const kernels = new Kernels((part) => part);
  for (const file of files) await kernels.add(file);
  kernels.room(1 << 25); // all that a vector needs: the memory grows no more, and views of it stay
  const wrong = [];
  for (const [index, vector] of vectors.entries()) {
    let next = kernels.begin;
    const bytes = kernels.all;
    const put = (data) => {
      const at = Math.ceil(next / 16) * 16;
      bytes.set(data, at);
      next = at + data.length;
      return { at, size: data.length };
    };
    const before = (vector.before ?? []).map((argument) => put(block(argument)).at);
    const places = vector.args.map((argument) => {
      if (typeof argument === 'number') return { at: argument };
      const addresses = argument.addresses?.map((n) => before[n]);
      return put(addresses ? new Uint8Array(Int32Array.from(addresses).buffer) : block(argument));
    });
    const number = kernels.run[vector.kernel](...places.map(({ at }) => at)) ?? 0;
    const outputs = vector.out.map((i) => bytes.slice(places[i].at, places[i].at + places[i].size));
    const all = new Uint8Array(await new Blob(outputs).arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
    const sha256 = [...digest].map((b) => b.toString(16).padStart(2, '0')).join('');
    if (sha256 !== vector.sha256 || number !== vector.returns) wrong.push(`${index} ${vector.kernel}`);
  }
  return wrong;
}
