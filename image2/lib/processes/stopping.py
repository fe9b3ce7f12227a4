"""Notify a worker's pool processes that it is shutting down, so that they release their work in time."""

from __future__ import annotations

from multiprocessing.sharedctypes import RawValue

# Shared memory, made before the pool forks: the parent sets it, every child sees it at its next step. Without a lock,
# which a child that is killed while it looks would hold forever.
_stopping = RawValue("b", 0)


def request() -> None:
    """Request a shutdown of this worker."""
    _stopping.value = 1


def requested() -> bool:
    """Whether the current work should be released now."""
    return bool(_stopping.value)


def clear() -> None:
    """Reset the request (for a test that ran a worker in this process)."""
    _stopping.value = 0
