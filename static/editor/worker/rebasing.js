// Operations done again on another head: where another device was first, and where the server didn't take one.
import { newId } from './ids.js';
import { Impossible } from './layers.js';
import { tell } from './reports.js';

/** The server doesn't take an operation: what was done after it is done again without it. */
export async function leaveOut(session, { id, sentence, full }) {
  const { history } = session;
  const operation = history.operations.get(id);
  if (!operation) return;
  session.drafts.endStroke();
  history.know({ id, replaced: true });
  const path = history.path();
  const at = path.findIndex((other) => other.id === id);
  if (at >= 0) await rebase(session, path.slice(at + 1), operation.parent);
  await session.keep([history.operations.get(id)]);
  session.show();
  tell({ type: 'refused', sentence, full });
}

/** What others did, by the server's answer: { head, operations, more }; unsent: what was done here since. */
export async function takeIn(merging, { head, operations, more, unsent = null }) {
  const { history, session } = merging;
  for (const operation of operations) history.know(operation);
  if (more || !history.operations.has(head)) {
    const log = await session.fetching.fetchLog(session.seen);
    for (const operation of log.operations) history.know(operation);
    await session.keep(log.operations);
    session.seen = log.seq;
  }
  await session.keep(operations);
  if (history.leadsTo(head, history.head)) return;
  session.drafts.endStroke();
  await onTopOf(merging, head, unsent ?? history.path().filter((operation) => operation.seq === undefined));
}

/** What another tab's call says of the head is old where this tab has moved since. */
export async function taken(merging, { clock, head, seqs }) {
  const { history, session, sync } = merging;
  const unsent = history.path().filter((operation) => operation.seq === undefined);
  for (const [id, seq] of seqs) if (history.operations.has(id)) history.know({ id, seq });
  sync.serverHead = head;
  if (!history.operations.has(head)) await takeIn(merging, { head, operations: [], unsent });
  else if (unsent.length && !history.leadsTo(head, history.head)) await onTopOf(merging, head, unsent);
  else if (!unsent.length && head !== history.head && clock >= merging.clock) await session.walkTo(() => session.goTo(head).then(() => true), true);
  sync.kick();
}

async function onTopOf(merging, head, unsent) {
  const { history, session } = merging;
  const from = history.head;
  const lost = await rebase(session, unsent, head);
  merging.went(from, history.path().filter((operation) => operation.seq === undefined));
  session.show();
  tell({ type: 'rebased', lost, own: unsent.length });
}

/** Does operations again on another head. Those that it does not allow any more stay on a branch of their own. */
export async function rebase(session, operations, onto) {
  const { history, document } = session;
  session.drafts.endPreview(); // what is tried was tried on another document
  await session.goTo(onto);
  const lost = [];
  const made = [];
  const places = new Map(); // of what was done before, where it is now
  for (const old of operations) {
    const { kind, engine, body, blob } = old;
    const step = body.back && { back: places.get(body.back) ?? onto };
    const operation = { id: newId(), parent: history.head, kind, engine, body: { ...body, ...step }, blob };
    try {
      await session.load([operation]);
      document.apply(operation);
      history.push(operation);
      made.push(operation);
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      lost.push(old);
    }
    places.set(old.id, history.head);
  }
  if (!lost.length) operations.forEach(({ id }) => history.know({ id, replaced: true }));
  await session.keep([...made, ...operations.map(({ id }) => history.operations.get(id))]);
  return lost.length;
}
