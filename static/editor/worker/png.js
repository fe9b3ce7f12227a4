// PNGs to exact pixels and back: those that the site writes (8 bits, RGB or RGBA, not interlaced). A canvas can't: it multiplies
// colours by alpha and rounds.
import { PIXELS, Plane, TILE } from './planes.js';

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Returns { width, height, plane } of a PNG's bytes. */
export async function decode(kernels, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (SIGNATURE.some((value, i) => bytes[i] !== value)) throw new TypeError('not a PNG');
  let header = null;
  const parts = [];
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IHDR') header = readHeader(view, at + 8);
    if (name === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (!header || !header.width || !header.height) throw new TypeError('a PNG without a header');
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'));
  const { width, height } = header;
  return { width, height, plane: await unfiltered(kernels, stream, header) };
}

function readHeader(view, at) {
  const [depth, type, , , interlaced] = [8, 9, 10, 11, 12].map((i) => view.getUint8(at + i));
  if (depth !== 8 || (type !== 2 && type !== 6) || interlaced) throw new TypeError('a PNG of another kind than the site writes');
  return { width: view.getUint32(at), height: view.getUint32(at + 4), bpp: type === 6 ? 4 : 3 };
}

async function unfiltered(kernels, stream, { width, height, bpp }) {
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
  for (const reader = stream.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) break;
    for (let at = 0; at < value.length && row < height;) {
      const most = Math.min(raw.length, (height - row) * (stride + 1));
      const n = Math.min(value.length - at, most - held);
      raw.set(value.subarray(at, at + n), held);
      held += n;
      at += n;
      if (held === most) flush();
    }
  }
  if (row < height) throw new TypeError('a PNG that was cut off');
  return plane;
}

/** The bytes of a PNG (RGBA) of rows of pixels. */
export async function encode({ width, height, data }) {
  const rows = new Uint8Array(height * (4 * width + 1));
  for (let y = 0; y < height; y++) rows.set(data.subarray(4 * width * y, 4 * width * (y + 1)), y * (4 * width + 1) + 1);
  const packed = new Response(new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate')));
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint32(8, 0x08060000);
  const parts = [['IHDR', new Uint8Array(header.buffer)], ['IDAT', new Uint8Array(await packed.arrayBuffer())], ['IEND', new Uint8Array(0)]];
  return new Blob([Uint8Array.from(SIGNATURE), ...parts.map(([name, bytes]) => chunk(name, bytes))], { type: 'image/png' });
}

function chunk(name, bytes) {
  const out = new Uint8Array(12 + bytes.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, bytes.length);
  out.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  out.set(bytes, 8);
  view.setUint32(8 + bytes.length, crc(out.subarray(4, 8 + bytes.length)));
  return out;
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
