// The tree of operations: where the document stands, what undo and redo lead to, and documents as they were on the way.
// Nothing is ever dropped: an operation after an undo begins a branch.

const KEPT = 80; // documents as they were, for undo at once; others are replayed from the nearest one before
const APART = 64; // operations between those that are kept of a long way

export class History {
  constructor(document) {
    this.document = document;
    this.operations = new Map(); // by id: { id, parent, kind, body, blob, seq? }
    this.head = null;
    this.redo = []; // ids that undo came from, nearest last
    this.states = new Map([[null, document.snapshot()]]);
  }

  /** Keeps an operation that was done on the head, and makes it the head. The document has it already. */
  push(operation) {
    this.operations.set(operation.id, operation);
    this.head = operation.id;
    this.redo = [];
    this.remember();
  }

  /** Once it is opened: redo leads to what was done last after the head, as it did before the page was left. */
  lookAhead() {
    const next = new Map();
    for (const { id, parent, replaced } of this.operations.values()) if (!replaced && !(next.get(parent) > id)) next.set(parent, id);
    for (let at = next.get(this.head); at; at = next.get(at)) {
      if (this.redo.length && this.before(at) === this.before(this.redo[0])) this.redo.shift(); // it is of the same step
      this.redo.unshift(at);
    }
  }

  /** Where an undo leads: over a step of several operations, also to the branch that it left. Nothing that came after. */
  before(id) {
    const { parent, body: { back } } = this.operations.get(id);
    return this.operations.has(back) && !this.leadsTo(id, back) ? back : parent;
  }

  /** Keeps an operation without doing it: one that lies on a branch, or ahead of the head. */
  know(operation) {
    this.operations.set(operation.id, { ...this.operations.get(operation.id), ...operation });
  }

  /** What the document was when it last stood on the head. */
  get state() {
    return this.states.get(this.head);
  }

  get canUndo() {
    // The first operation opens the document; before it there is nothing to look at.
    return this.head !== null && this.operations.get(this.head).parent !== null;
  }

  get canRedo() {
    return this.redo.length > 0;
  }

  undo() {
    if (!this.canUndo) return false;
    const from = this.head;
    const { redo } = this;
    this.goTo(this.before(from));
    this.redo = [...redo, from];
    return true;
  }

  again() {
    const redo = [...this.redo];
    const id = redo.pop();
    if (!id) return false;
    this.goTo(id);
    this.redo = redo;
    return true;
  }

  /** Makes any operation the head: the document becomes what it was after it. */
  goTo(id) {
    const { document } = this;
    const path = [];
    let at = id;
    while (!this.states.has(at)) {
      path.push(at);
      at = this.operations.get(at).parent;
    }
    document.restore(this.states.get(at));
    // A long way is replayed once: documents on it are kept, the last ones all, so that undo after it is quick.
    path.reverse().forEach((step, i) => {
      document.apply(this.operations.get(step));
      if (i % APART === 0 || i > path.length - KEPT / 2) this.states.set(step, document.snapshot());
    });
    this.head = id;
    this.redo = [];
    this.remember();
  }

  remember() {
    this.states.delete(this.head);
    this.states.set(this.head, this.document.snapshot());
    for (const id of this.states.keys()) {
      if (this.states.size <= KEPT) break;
      if (id !== null) this.states.delete(id);
    }
  }

  /** The operations that lead to one, oldest first. */
  path(id = this.head) {
    const out = [];
    for (let at = id; at !== null; at = this.operations.get(at).parent) out.push(this.operations.get(at));
    return out.reverse();
  }

  /** Whether an operation is another one, or lies on the way to it. */
  leadsTo(id, other) {
    if (id === null) return true;
    for (let at = other; at !== null && at !== undefined; at = this.operations.get(at)?.parent) if (at === id) return true;
    return false;
  }

  /** The last operations on the way to the head, then those that redo leads to, with the ends of the branches beside each. */
  summary(most) {
    const path = this.path();
    const ahead = this.redo.length ? this.path(this.redo[0]).slice(path.length) : [];
    const shown = [...path.slice(-most), ...ahead];
    const onPath = new Set([...path, ...ahead].map((operation) => operation.id));
    const children = new Map();
    for (const operation of this.operations.values()) {
      if (!children.has(operation.parent)) children.set(operation.parent, []);
      children.get(operation.parent).push(operation);
    }
    const ends = (operation) => {
      const out = [];
      for (const stack = [operation]; stack.length;) {
        const next = stack.pop();
        const after = children.get(next.id) ?? [];
        if (after.length) stack.push(...after);
        else out.push({ id: next.id, ...label(next) });
      }
      return out;
    };
    return {
      head: this.head,
      more: path.length - Math.min(most, path.length),
      items: shown.map((operation) => ({
        id: operation.id,
        ...label(operation),
        branches: (children.get(operation.id) ?? []).filter((child) => !onPath.has(child.id) && !child.replaced).flatMap(ends),
      })),
    };
  }
}

/** What a list says of an operation. */
function label({ kind, body }) {
  return { kind, what: body.target === 'mask' ? 'mask' : body.tool ?? (body.shape?.kind ? 'shape' : body.shape) ?? body.filter?.kind ?? (kind === 'layer.add' && body.adjust ? 'adjust' : null) };
}
