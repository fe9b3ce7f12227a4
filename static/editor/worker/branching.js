// Operations that are done beside the last ones, as a branch of the history: one undo leads back to the document as it was.
import { newId } from './ids.js';
import { ENGINE } from './kernels.js';
import { Impossible } from './layers.js';
import { loadFor } from './later.js';

/** Does { kind, body, blob } one after the other, behind the operation `parent`. Returns whether it could; else nothing was done. */
export async function branched(session, parent, wanted) {
  const { document, history, merging } = session;
  const from = history.head;
  const size = sizeOf(document);
  let after = parent;
  const operations = wanted.map((made) => {
    const operation = { id: newId(), parent: after, engine: ENGINE, ...made, body: { ...made.body, back: from } }; // so that one undo leads back to the document as it was
    after = operation.id;
    return operation;
  });
  await loadFor(operations, session.kernels);
  await session.goTo(parent);
  try {
    for (const operation of operations) {
      document.apply(operation);
      history.push(operation);
    }
  } catch (error) {
    // Nothing of it has left the worker yet.
    for (const { id } of operations) history.operations.delete(id);
    for (const { id } of operations) history.states.delete(id);
    await session.goTo(from);
    shown(session, size);
    if (error instanceof Impossible) return false;
    throw error;
  }
  session.keep(operations);
  merging.went(from, operations);
  shown(session, size);
  merging.sync.kick();
  return true;
}

/** Draws the document anew; the view stays where it is, unless the document has another size. */
function shown(session, before) {
  if (sizeOf(session.document) !== before) {
    session.show();
    return;
  }
  session.redraw();
  session.reports.outline();
  session.changed();
}

const sizeOf = ({ width, height }) => `${width} ${height}`;
