"""Tells the pool processes of a worker that it is shutting down, so that they give their work back in time."""

from __future__ import annotations

import multiprocessing

# Shared memory, made before the pool forks: the parent sets it, every child sees it at its next step.
_stopping = multiprocessing.Event()


def request() -> None:
    """Say that this worker is shutting down."""
    _stopping.set()


def requested() -> bool:
    """Whether the work in hand should be given back now."""
    return _stopping.is_set()


def clear() -> None:
    """Forget the request (a test that ran a worker in this process)."""
    _stopping.clear()
