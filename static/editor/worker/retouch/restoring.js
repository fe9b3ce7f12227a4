// Bringing back what liquify moved. Strokes of liquify that come one right after the other are gathered and done again as one
// operation, with those that restore behind them, from the pixels as they were before: as a branch of the history.
import { branched } from '../branching.js';
import { unpack } from '../strokes.js';
import { bendsOf } from './liquifying.js';
import { MOST_GATHERED, workOf } from './weight.js';

const MOST_STROKES = 150;
const MOST_POINTS = 10_000;

/** The last strokes of liquify on a layer: { from, strokes, samples }, `from` the operation before them; null where there are none. */
export async function bent(session, { layer }) {
  const { history, drafts } = session;
  drafts.endStroke();
  drafts.endPreview();
  const found = [];
  const sum = { points: 0, work: 0 };
  let at = history.head;
  for (;;) {
    const operation = history.operations.get(at);
    const strokes = operation.body.layer === layer ? strokesOf(operation) : null;
    if (!strokes) break;
    for (const stroke of strokes) {
      sum.points += stroke.samples.length / 3;
      sum.work += workOf(stroke.radius, wayOf(stroke));
    }
    if (found.length + strokes.length > MOST_STROKES || sum.points > MOST_POINTS || sum.work > MOST_GATHERED) break;
    found.unshift(...strokes);
    at = operation.parent;
  }
  if (!found.length) return null;
  if (!history.states.has(at)) {
    const { head } = history;
    await session.goTo(at);
    await session.goTo(head);
  }
  return {
    from: at,
    strokes: found.map(({ how, radius, strength, samples }) => ({ how, radius, strength, points: samples.length / 3 })),
    samples: Int32Array.from(found.flatMap(({ samples }) => [...samples])),
  };
}

/** Does them again with one that restores, as { body, blob }. Returns whether it could. */
export async function restored(session, { from, body, blob }) {
  session.drafts.endPreview();
  return branched(session, from, [{ kind: 'retouch.bend', body, blob }]);
}

function strokesOf({ kind, body, blob }) {
  if (kind === 'retouch.liquify') return [{ ...body, samples: unpack(blob) }];
  if (kind !== 'retouch.bend') return null;
  return bendsOf(body.strokes, unpack(blob));
}

function wayOf({ samples }) {
  let way = 0;
  for (let i = 3; i < samples.length; i += 3) way += Math.hypot(samples[i] - samples[i - 3], samples[i + 1] - samples[i - 2]) / 16;
  return way;
}
