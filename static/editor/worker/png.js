// PNGs to exact pixels: those that the site writes (8 bits, RGB or RGBA, not interlaced). A canvas can't: it multiplies
// colours by alpha and rounds.
import { PIXELS, Plane, TILE } from './planes.js';

export const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHUNK = 8; // bytes of a chunk's length and name
const CHECK = 4; // and of the sum behind it
const NOTHING = new Uint8Array(0);
/** Lets others have a turn: a stream whose bytes are all there would never let go. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Returns { width, height, plane } of a PNG's bytes, or of a stream of them, which is decoded while it comes. */
export async function decode(kernels, source) {
  const pieces = new Pieces(source);
  const signature = await pieces.exactly(SIGNATURE.length);
  if (SIGNATURE.some((value, i) => signature?.[i] !== value)) throw new TypeError('not a PNG');
  const first = await pieces.exactly(CHUNK + 13 + CHECK);
  if (!first || nameOf(first) !== 'IHDR') throw new TypeError('a PNG without a header');
  const header = readHeader(new DataView(first.buffer), CHUNK);
  const { width, height } = header;
  if (!width || !height) throw new TypeError('a PNG without a header');
  const { readable, writable } = new DecompressionStream('deflate');
  const [plane] = await Promise.all([unfiltered(kernels, readable, header), inflate(pieces, writable)]);
  return { width, height, plane };
}

/** Hands over what the chunks of pixels hold, as it comes. */
async function inflate(pieces, writable) {
  const writer = writable.getWriter();
  try {
    for (let chunk; (chunk = await pieces.exactly(CHUNK));) {
      let left = new DataView(chunk.buffer).getUint32(0);
      const pixels = nameOf(chunk) === 'IDAT';
      for (let part; left && (part = await pieces.some(left)).length; left -= part.length) if (pixels) await writer.write(part);
      if (left) break;
      await pieces.exactly(CHECK);
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

const nameOf = (chunk) => String.fromCharCode(...chunk.subarray(4, 8));

/** Bytes that come in pieces. */
class Pieces {
  constructor(source) {
    this.piece = source instanceof Uint8Array ? source : NOTHING;
    this.reader = source instanceof Uint8Array ? null : source.getReader();
  }

  /** As many of the next bytes as are there, at most `most`; none at the end. */
  async some(most) {
    while (!this.piece.length && this.reader) {
      const { value, done } = await this.reader.read();
      if (done) this.reader = null;
      else this.piece = value;
    }
    const part = this.piece.subarray(0, most);
    this.piece = this.piece.subarray(part.length);
    return part;
  }

  /** A copy of the next n bytes, or null where it ends before. */
  async exactly(n) {
    const out = new Uint8Array(n);
    for (let at = 0; at < n;) {
      const part = await this.some(n - at);
      if (!part.length) return null;
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

function readHeader(view, at) {
  const [depth, type, , , interlaced] = [8, 9, 10, 11, 12].map((i) => view.getUint8(at + i));
  if (depth !== 8 || (type !== 2 && type !== 6) || interlaced) throw new TypeError('a PNG of another kind than the site writes');
  return { width: view.getUint32(at), height: view.getUint32(at + 4), bpp: type === 6 ? 4 : 3 };
}

async function unfiltered(kernels, stream, { width, height, bpp }) {
  const reader = stream.getReader();
  try {
    return await tilesOf(kernels, reader, { width, height, bpp });
  } catch (error) {
    await reader.cancel(error).catch(() => {}); // or who writes would wait for ever
    throw error;
  }
}

async function tilesOf(kernels, reader, { width, height, bpp }) {
  const stride = width * bpp;
  const plane = new Plane();
  const raw = new Uint8Array(TILE * (stride + 1));
  let above = new Uint8Array(stride);
  let row = 0;
  let held = 0;
  // A row of tiles at a time, so that no second copy of the whole picture is ever held.
  const flush = () => {
    const rows = Math.floor(held / (stride + 1));
    if (!rows) return;
    const mark = kernels.next;
    const data = kernels.put(raw.subarray(0, rows * (stride + 1)));
    const before = kernels.put(above);
    if (kernels.run.png_unfilter(data, before, stride, rows, bpp) < 0) throw new TypeError('a broken PNG');
    const band = kernels.room(4 * width * rows);
    for (let i = 0; i < rows; i++) kernels.run.to_rgba(band + 4 * width * i, data + i * (stride + 1) + 1, width, bpp);
    for (let x = 0; x * TILE < width; x++) {
      const tile = new Uint8Array(4 * PIXELS);
      const length = 4 * Math.min(TILE, width - x * TILE);
      for (let i = 0; i < rows; i++) {
        const from = band + 4 * (width * i + x * TILE);
        tile.set(kernels.all.subarray(from, from + length), 4 * TILE * i);
      }
      plane.put(x, row / TILE, tile);
    }
    above = kernels.bytes(before, stride).slice();
    kernels.reset(mark);
    row += rows;
    held = 0;
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    for (let at = 0; at < value.length && row < height;) {
      const most = Math.min(raw.length, (height - row) * (stride + 1));
      const n = Math.min(value.length - at, most - held);
      raw.set(value.subarray(at, at + n), held);
      held += n;
      at += n;
      if (held !== most) continue;
      flush();
      await turn();
    }
  }
  if (row < height) throw new TypeError('a PNG that was cut off');
  return plane;
}
