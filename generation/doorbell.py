"""Rings the bell of a lane. The message says only "there is work"; the job table is the queue."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

# A bell nobody answered is worthless by then: the sweep has rung again.
EXPIRES_SECONDS = 60


def ring(lane: str) -> None:
    """Ring once the current transaction has committed (at once outside of one). Never raises.

    A broker that is away costs seconds, not a job: ``recovery.sweep`` rings for whatever is queued.
    """
    transaction.on_commit(lambda: _send(lane), robust=True)


def _send(lane: str) -> None:
    try:
        current_app.send_task(
            "generation.work",
            kwargs={"lane": lane},
            queue=lane,
            expires=EXPIRES_SECONDS,
            ignore_result=True,
            retry=False,
        )
    except Exception:
        log.warning("doorbell.unheard", lane=lane, exc_info=True)
