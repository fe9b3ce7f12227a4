// The editor's worker, once it is loaded (begin.js): it holds the document, draws it onto the canvas, keeps it in the browser and sends it to the server.
// The page sends { type, … }; a message with `ask` is answered by { answer, value } or { answer, error }.
import { loadFor, reached } from './later.js';
import { Impossible } from './layers.js';
import { part } from './parts.js';
import { busy, serially } from './queue.js';
import { tell } from './reports.js';
import { Session } from './session.js';

let session = null;
// Samples that came while others were drawn are drawn together: a message to itself stands behind all that are there.
const later = new MessageChannel();
let woken = false;
let dragged = null;
const TRIED = { kind: 'trying', body: {} };
later.port1.onmessage = ({ data }) => {
  if (data === 'shift') {
    serially(showDragged).catch(() => {}); // not amid an operation; its layer may be gone
    return;
  }
  woken = false;
  session.drafts.addToStroke();
};

function showDragged() {
  const message = dragged;
  dragged = null;
  const trying = part('trying').tryingOf(session.drafts);
  if (message?.operation) trying.draft(message);
  else if (message) trying.shift(message);
}

function drag(message) {
  if (!dragged) {
    const operation = message.operation ?? { kind: message.selected ? 'move' : 'stroke', body: {} };
    loadFor([operation, TRIED], session.kernels).then(() => later.port2.postMessage('shift')).catch(() => {
      dragged = null; // it is refused with a sentence when it is to be done
    });
  }
  dragged = message;
}

async function trying(kind = 'adjust') {
  await loadFor(kind === 'adjust' ? [TRIED] : [TRIED, { kind, body: {} }], session.kernels);
  return part('trying').tryingOf(session.drafts);
}

const TYPES = {
  resize: ({ size }) => {
    session.screen.resize(...size);
    session.frame();
  },
  look: ({ view, backdrop }) => {
    session.screen.look(view, backdrop);
    const tried = session.drafts.trying?.tried;
    if (tried?.moving || tried?.values.filter) session.screen.forgetAll(); // it is there where it was seen
    session.frame();
  },
  grid: ({ on }) => {
    session.screen.showGrid(on);
    session.frame();
  },
  'stroke.begin': async ({ kind, body }) => {
    if (kind) await loadFor([{ kind, body }], session.kernels);
    session.drafts.beginStroke(body, kind);
  },
  'stroke.add': ({ samples }) => {
    session.drafts.waiting.push(samples);
    if (!woken) later.port2.postMessage(0);
    woken = true;
  },
  'stroke.end': () => session.drafts.endStroke(),
  'stroke.drop': () => session.drafts.dropStroke(),
  do: (message) => {
    dragged = null;
    return session.do(message);
  },
  preview: async ({ layer, values }) => (await trying()).preview(layer, values),
  try: async ({ layer, values }) => (await trying(Object.keys(values)[0])).try(layer, values),
  'preview.drop': () => {
    dragged = null;
    session.drafts.endPreview();
  },
  // Of the places of a layer that is dragged only the last one is shown.
  shift: drag,
  load: ({ operation }) => loadFor([operation], session.kernels), // what a draft needs
  draft: drag,
  'shift.drop': () => {
    dragged = null;
    session.document.grown = null;
    session.drafts.trying?.endShift();
  },
  undo: () => {
    const { history } = session;
    const to = history.canUndo && history.before(history.head);
    return session.walkTo(!to || history.leadsTo(to, history.head) ? () => history.undo() : async () => {
      await session.load(history.path(to)); // on another branch
      return history.undo();
    });
  },
  redo: () => session.walkTo(async () => {
    const next = session.history.redo.at(-1);
    if (next && !session.history.states.has(next)) await session.load(session.history.path(next)); // another tab may have done it
    return session.history.again();
  }),
  goto: ({ id }) => session.walkTo(async () => {
    await session.goTo(id);
    return true;
  }),
  digest: () => session.document.digest(),
  kept: () => session.writing,
  settled: () => session.settled(),
  sent: () => session.sent(),
  // Answered once everything that was sent before is on the canvas.
  drawn: () => session.drawn(),
  sync: () => session.merging.sync.kick(),
};

const requested = async (message) => (await reached(import('./requests.js'))).REQUESTS[message.type](session, message);

async function handle(message) {
  try {
    const value = await (TYPES[message.type] ? TYPES[message.type](message) : requested(message));
    if (message.ask) tell({ answer: message.ask, value });
  } catch (error) {
    const sentence = error instanceof Impossible ? error.message : null;
    if (sentence === null) console.error(error);
    if (message.ask) tell({ answer: message.ask, error: sentence ?? '' });
    else tell({ type: 'refused', sentence: sentence ?? '' });
  }
}

const AT_ONCE = new Set(['stroke.begin', 'stroke.add', 'stroke.end', 'stroke.drop', 'look', 'resize', 'compare', 'kept', 'drawn', 'undo']);
// They wait for the server, from which others' work comes through the queue: it would wait for itself.
const WAITS = new Set(['settled', 'sent', 'sync']);

/** A message of the page. */
export function take({ data }) {
  if (data.type === 'start') {
    session.start(data);
    return;
  }
  // A stroke whose code has to be loaded first is waited for by its samples.
  if (!busy() && AT_ONCE.has(data.type) && !(data.kind && !part('retouch'))) {
    handle(data);
    return;
  }
  serially(() => {
    const done = handle(data);
    return WAITS.has(data.type) ? null : done;
  });
}

/** Opens the document; early: the data of messages that came before this was loaded. */
export function open(fetching, early) {
  session = new Session(fetching);
  serially(() => session.open().catch((error) => {
    if (!(error instanceof Impossible)) console.error(error);
    tell({ type: 'failed', sentence: error instanceof Impossible ? error.message : '' });
    return new Promise(() => {}); // nothing else is done
  }));
  for (const data of early) take({ data });
}

self.addEventListener('online', () => session?.merging?.sync.kick());
