// A document enlarged with its last steps drawn again at the new size: strokes, fills and gradients get edges of their own instead of
// resampled ones. What depends on pixels stays as it was made: the document is resized after the last such step, and only what came later
// is done anew, as a branch of the history beside the one that was.
import { branched } from './branching.js';
import { MOST_DABS, pack, unpack } from './strokes.js';

const FAR = 4 * 8192 * 16; // sixteenths
const MOST_RADIUS = 1024 * 16;
const MOST_SOFT = 250;
const MOST_COST = 5_000_000_000;
const MOST_BLOB = 256 * 1024;
const DRAWS = new Set(['stroke', 'gradient', 'select']);

/** Enlarges the document by `body` of a resize; returns how many steps were drawn again, or null where none can be: then nothing was done. */
export async function redrawn(session, { body }) {
  const { document, history, drafts } = session;
  drafts.endStroke();
  drafts.endPreview();
  const by = [body.width / document.width, body.height / document.height];
  const path = history.path();
  const again = tailOf(path, by);
  if (!again.some(({ kind }) => DRAWS.has(kind))) return null;
  const parent = path[path.length - 1 - again.length].id;
  return (await branched(session, parent, [{ kind: 'resize', body, blob: new Uint8Array(0) }, ...again])) ? again.length : null;
}

/** The last operations, larger, as far back as each can be done at another size. */
function tailOf(path, by) {
  const out = [];
  // Brushes are round: where width and height grow by other factors there is nothing to draw again.
  if (Math.abs(by[0] / by[1] - 1) > 0.01) return out;
  for (let i = path.length - 1; i > 0; i--) {
    const larger = scaled(path[i], by);
    if (!larger) break;
    out.unshift(larger);
  }
  return out;
}

/** An operation at another size, or null where it depends on pixels or would be more than the server takes. */
export function scaled({ kind, body, blob }, by) {
  const both = Math.sqrt(by[0] * by[1]);
  if (['fill', 'clear', 'layer.set', 'layer.remove', 'layer.move', 'layer.duplicate', 'layer.merge', 'layer.adjust', 'layer.rasterize', 'flatten'].includes(kind)) return { kind, body, blob };
  if (kind === 'layer.add' || kind === 'layer.mask') return body.asset || body.mask || body.shape || body.text ? null : { kind, body, blob };
  if (kind === 'stroke') return scaledStroke(body, blob, by, both);
  if (kind === 'gradient') {
    const ends = Object.fromEntries(['x0', 'y0', 'x1', 'y1'].map((name, k) => [name, Math.round(body[name] * by[k % 2])]));
    return Object.values(ends).some((value) => Math.abs(value) > FAR) ? null : { kind, body: { ...body, ...ends }, blob };
  }
  return kind === 'select' ? scaledSelection(body, blob, by, both) : null;
}

function scaledStroke(body, blob, by, both) {
  const radius = Math.round(body.radius * both);
  if (radius > MOST_RADIUS) return null;
  const samples = unpack(blob).map((value, i) => (i % 3 === 2 ? value : Math.round(value * by[i % 3])));
  if (samples.some((value) => Math.abs(value) > FAR)) return null;
  let length = 0;
  for (let i = 3; i < samples.length; i += 3) length += Math.hypot(samples[i] - samples[i - 3], samples[i + 1] - samples[i - 2]);
  const smallest = (body.flags ?? 0) & 1 ? 8 : radius;
  const dabs = 1 + length / Math.max(8, (smallest * 2 * body.spacing) / 256);
  const side = 2 * Math.ceil((radius + 8) / 16) + 3;
  const packed = pack(samples);
  return dabs > MOST_DABS || dabs * side * side > MOST_COST || packed.length > MOST_BLOB ? null : { kind: 'stroke', body: { ...body, radius }, blob: packed };
}

function scaledSelection(body, blob, by, both) {
  const { shape } = body;
  if (['wand', 'colour', 'quick', 'picture'].includes(shape)) return null;
  const out = { ...body };
  for (const name of ['feather', 'radius']) {
    if (out[name] === undefined) continue;
    out[name] = Math.round(out[name] * both);
    if (Math.abs(out[name]) > MOST_SOFT) return null;
  }
  if (shape === 'rectangle') ['x0', 'y0', 'x1', 'y1'].forEach((name, k) => { out[name] = Math.round(body[name] * by[k % 2]); });
  if (['x0', 'y0', 'x1', 'y1'].some((name) => Math.abs(out[name] ?? 0) > 2 * 8192)) return null;
  if (shape !== 'outline') return { kind: 'select', body: out, blob };
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const points = new DataView(new ArrayBuffer(blob.byteLength));
  for (let i = 0; i < blob.byteLength / 4; i++) {
    const value = Math.round(view.getInt32(4 * i, true) * by[i % 2]);
    if (Math.abs(value) > FAR) return null;
    points.setInt32(4 * i, value, true);
  }
  return { kind: 'select', body: out, blob: new Uint8Array(points.buffer) };
}
