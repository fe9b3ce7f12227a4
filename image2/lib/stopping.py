"""Tells the pool processes of a worker that it is shutting down, so that they give their work back in time."""

from __future__ import annotations

from multiprocessing.sharedctypes import RawValue

# Shared memory, made before the pool forks: the parent sets it, every child sees it at its next step. Without a lock,
# which a child that is killed while it looks would hold for ever.
_stopping = RawValue("b", 0)


def request() -> None:
    """Say that this worker is shutting down."""
    _stopping.value = 1


def requested() -> bool:
    """Whether the work in hand should be given back now."""
    return bool(_stopping.value)


def clear() -> None:
    """Forget the request (a test that ran a worker in this process)."""
    _stopping.value = 0
