// Exact pixels to a PNG, for the clipboard.
import { SIGNATURE } from './png.js';

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
