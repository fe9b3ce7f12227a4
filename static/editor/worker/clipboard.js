// Pixels that leave the document and pictures that come into it.
import { edgesOf } from './edges.js';
import { encode } from './encoding.js';
import { newId } from './ids.js';
import { Impossible, find } from './layers.js';
import { PIXELS, TILE } from './planes.js';

/** The mean colour of a square of pixels around a point, as red, green, blue, alpha. */
export function colourAt({ document, shown }, { x, y, side = 1, layer = null }) {
  const half = Math.floor(side / 2);
  const plane = layer === null ? null : find(document.layers, layer).pixels;
  const sums = [0, 0, 0, 0];
  let count = 0;
  for (let py = y - half; py <= y + half; py++) {
    for (let px = x - half; px <= x + half; px++) {
      if (px < 0 || py < 0 || px >= document.width || py >= document.height) continue;
      const tile = plane ? plane.get(px >> 8, py >> 8) : shown.get(0, px >> 8, py >> 8);
      const at = 4 * ((py % TILE) * TILE + (px % TILE));
      for (let c = 0; c < 3; c++) sums[c] += tile[at + c] * tile[at + 3];
      sums[3] += tile[at + 3];
      count += 1;
    }
  }
  if (!count) return null;
  const colour = sums.slice(0, 3).map((sum) => (sums[3] ? Math.round(sum / sums[3]) : 0));
  return [...colour, Math.round(sums[3] / count)];
}

/** What is selected of a layer, or of all of them, as a PNG. */
export async function copy({ document, kernels, shown }, layer) {
  const found = document.selection ? edgesOf(document.selection, document.size) : { box: [0, 0, ...document.size] };
  if (!found?.box) throw new Impossible('Nothing is selected.');
  const [x0, y0, x1, y1] = found.box;
  const source = layer === null ? null : find(document.layers, layer);
  if (source?.group) throw new Impossible('A group has no pixels of its own. Choose a layer in it.');
  const [width, height] = [x1 - x0, y1 - y0];
  const data = new Uint8Array(4 * width * height);
  for (let ty = y0 >> 8; ty <= (y1 - 1) >> 8; ty++) {
    for (let tx = x0 >> 8; tx <= (x1 - 1) >> 8; tx++) {
      let tile = source ? source.pixels.get(tx, ty) : shown.get(0, tx, ty);
      if (document.selection) {
        const mark = kernels.next;
        const at = kernels.put(tile);
        kernels.run.apply_mask(at, kernels.put(document.selection.get(tx, ty)), PIXELS);
        tile = kernels.bytes(at, 4 * PIXELS).slice();
        kernels.reset(mark);
      }
      const [left, right] = [Math.max(x0, tx * TILE), Math.min(x1, tx * TILE + TILE)];
      for (let y = Math.max(y0, ty * TILE); y < Math.min(y1, ty * TILE + TILE); y++) {
        const from = 4 * ((y - ty * TILE) * TILE + left - tx * TILE);
        data.set(tile.subarray(from, from + 4 * (right - left)), 4 * ((y - y0) * width + left - x0));
      }
    }
  }
  return encode({ width, height, data });
}

/** Takes a picture into the document as a layer above another one, around a point. */
export async function paste(session, { blob, above, group, name, x, y }) {
  const form = new FormData();
  form.append('file', blob, 'paste.png');
  let response;
  try {
    response = await fetch(session.addresses.assets, { method: 'POST', headers: { 'X-CSRFToken': session.token }, body: form, credentials: 'same-origin' });
  } catch {
    throw new Impossible("You're offline. A picture can be pasted when you're connected again.");
  }
  const answer = response.headers.get('Content-Type')?.includes('json') ? await response.json() : {};
  if (!response.ok) throw new Impossible(answer.sentence ?? "This picture can't be added.");
  const { sha256, width, height } = answer;
  const body = { layer: newId(), name, group, above, asset: sha256, x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
  await session.do({ kind: 'layer.add', body });
  return body.layer;
}
