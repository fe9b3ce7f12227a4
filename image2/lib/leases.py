"""Leases with a fence: work taken from a table, held while renewed, given to another worker when the lease expires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from django.db import close_old_connections, connection, models
from django.db.models.functions import Now

log = structlog.get_logger(__name__)


class Leased(models.Model):
    """A row that one worker at a time works on. The database's clock decides, never the worker's.

    ``fence`` grows with every claim; every write at the end of the work carries it, so that a worker that was
    thought dead can change nothing. ``attempts`` counts lost claims, not ones that were released.
    """

    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


def renew(model: type[Leased], pk: object, *, fence: int, seconds: float) -> bool:
    """Push the deadline of a held lease ``seconds`` from the database's now; False when it is no longer ours."""
    held = model._default_manager.filter(  # noqa: SLF001  (documented by Django, whatever its name)
        pk=pk, fence=fence, lease_until__isnull=False
    )
    return bool(held.update(lease_until=Now() + timedelta(seconds=seconds)))


class LeaseKeeper:
    """Renews a lease from a thread of its own while the ``with`` block works; ``lost`` is set when it is gone.

    A thread, since loading a model, a 4K stage and storage all take longer than a lease, and none of them calls back
    in time. It has its own database connection, as every thread in Django does.
    """

    def __init__(self, renewal: Callable[[], bool], *, every: float) -> None:
        self._renewal = renewal
        self._every = every
        self._stop = threading.Event()
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._every):
                if not self._renew_once():
                    self.lost.set()
                    return
        finally:
            connection.close()

    def _renew_once(self) -> bool:
        try:
            close_old_connections()
            return self._renewal()
        except Exception:
            # The database may be unavailable for a moment. The fence protects the data; the next renewal tries again.
            log.warning("lease.renewal_failed", exc_info=True)
            return True


__all__ = ["LeaseKeeper", "Leased", "renew"]
