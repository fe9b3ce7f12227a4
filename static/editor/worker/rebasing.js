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

/** Does operations again on another head. Those that it does not allow any more stay on a branch of their own. */
export async function rebase(session, operations, onto) {
  const { history, document } = session;
  session.drafts.endPreview(); // what is tried was tried on another document
  await session.goTo(onto);
  const lost = [];
  const made = [];
  for (const old of operations) {
    const operation = { id: newId(), parent: history.head, kind: old.kind, engine: old.engine, body: old.body, blob: old.blob };
    try {
      await session.load([operation]);
      document.apply(operation);
      history.push(operation);
      made.push(operation);
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      lost.push(old);
    }
  }
  if (!lost.length) operations.forEach(({ id }) => history.know({ id, replaced: true }));
  await session.keep([...made, ...operations.map(({ id }) => history.operations.get(id))]);
  return lost.length;
}
