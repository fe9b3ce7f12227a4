"""A document's pixels, made from its log by a worker: from the nearest snapshot on, under fuel and a memory limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import wasmtime
from django.utils.translation import gettext as _

from editor.assets import OfDocument
from editor.log import reading
from editor.log.snapshots import KEPT, Shelf
from editor.models import Document, Operation, Snapshot
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels, OutOfFuel
from editor.replay.layers import Impossible
from editor.replay.planes import held
from editor.replay.strokes import TooManyDabs

SNAPSHOT_EVERY: Final = 64
SNAPSHOT_SECONDS: Final = 1.0
# Only the last snapshots of a long way stay. Before them, as many as bound what has to be done again after a crash.
SNAPSHOT_SECONDS_FAR: Final = 5.0
# For one operation: a stroke as large as is taken at all uses some 1e10.
FUEL: Final = 10**11
# Tiles in memory that are put away into a snapshot before more are made.
MOST_HELD: Final = 384 * 1024 * 1024


class Stopped(Exception):
    """An operation can't be replayed. The ones before it can. `sentence` is for the person."""

    def __init__(self, uid: UUID, good: UUID | None, sentence: str) -> None:
        super().__init__(sentence)
        self.uid, self.good, self.sentence = uid, good, sentence


@contextmanager
def replayed(
    document: Document, uid: UUID, *, on_progress: Callable[[int, int], None], last: bool = False
) -> Iterator[Replayed]:
    """Give the document as it is after an operation; its tiles can be read until the `with` ends.

    `on_progress(done, of)` is called at each operation, and may raise. `last` asks for a snapshot at the end too.
    Raises Stopped, Operation.DoesNotExist.
    """
    with Shelf(document) as shelf, Kernels() as kernels:
        state = Replayed(kernels, OfDocument(document))
        known = dict(document.snapshots.values_list("operation", "pk"))
        at, path = reading.path_to(document, uid, frozenset(known))
        if at is not None:
            shelf.load(Snapshot.objects.get(pk=known[at]), state)
        _follow(shelf, state, at, path, on_progress, last)
        kernels.refuel(100 * FUEL)  # compositing is ours, and bounded by the size of the document
        yield state


def _follow(
    shelf: Shelf,
    state: Replayed,
    good: UUID | None,
    path: list[int],
    on_progress: Callable[[int, int], None],
    last: bool,
) -> None:
    since, begun = 0, time.monotonic()
    before: Operation | None = None

    def take() -> None:
        nonlocal since, begun
        if before is not None and since:
            shelf.take(state, before.uid, before.seq)
        since, begun = 0, time.monotonic()

    for number, operation in enumerate(reading.operations(shelf.document, path), start=1):
        try:
            on_progress(number, len(path))
        except Exception:
            take()  # a turn that ends here goes on from here
            raise
        apply(state, operation, good)
        before, good, since = operation, operation.uid, since + 1
        far = len(path) - number > KEPT * SNAPSHOT_EVERY
        most = (4 * SNAPSHOT_EVERY, SNAPSHOT_SECONDS_FAR) if far else (SNAPSHOT_EVERY, SNAPSHOT_SECONDS)
        if since >= most[0] or time.monotonic() - begun > most[1] or held.bytes > MOST_HELD:
            take()
    if last:
        take()


def apply(state: Replayed, operation: Operation, good: UUID | None) -> None:
    """Do one operation under fuel; `good` is the one before it. Raises Stopped."""
    state.kernels.refuel(FUEL)
    try:
        state.apply(operation.kind, operation.body, bytes(operation.blob))
    except (OutOfFuel, TooManyDabs):
        sentence = _("A step of this document takes too long to compute. Undo it to go on.")
    except MemoryError:
        sentence = _("A step of this document takes more memory than there is. Undo it to go on.")
    except Impossible as impossible:
        sentence = str(impossible)
    except (wasmtime.Trap, ArithmeticError, LookupError, TypeError, ValueError):
        # What no check foresaw: the worker continues, the person gets a message, and the operator sees the log.
        sentence = _("A step of this document can't be computed. Undo it to go on.")
    else:
        return
    raise Stopped(operation.uid, good, sentence)
