"""Tell apps above this one that a job ended (done, failed or cancelled). They register; nothing here imports them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from generation.models import Job

# Gets the job's id and the state it ended in. The rows are written by then and can be read.
Listener = Callable[[UUID, Job.State], None]

_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Call ``listener`` for every job that ends from now on; called while apps get ready.

    It is called after the commit, once, in the process that ended the job. What it raises is logged and changes nothing
    for the job, its credits or other listeners. A process that is killed between the commit and the call never makes
    it, so this is a notification, not a record: a listener that must not miss an end
    also compares its own rows with ``Job.state`` from time to time.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def announce(job_id: UUID, state: Job.State) -> None:
    """Call every listener once the current transaction has committed: in the transaction that ends the job."""
    for listener in _listeners:
        _call_on_commit(listener, job_id, state)


def _call_on_commit(listener: Listener, job_id: UUID, state: Job.State) -> None:
    transaction.on_commit(lambda: listener(job_id, state), robust=True)
