"""Notify a lane that jobs wait. The message says nothing else: the job table is the queue."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

# Unread notifications expire; the sweep resends them.
EXPIRES_SECONDS = 60


def send(lane: str) -> None:
    """Notify the lane once the current transaction has committed (at once outside of one). Never raises.

    While the broker is unavailable, jobs wait some seconds longer: ``recovery.sweep`` notifies every lane with queued
    jobs.
    """
    transaction.on_commit(lambda: _publish(lane), robust=True)


def _publish(lane: str) -> None:
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
        log.warning("notify.not_sent", lane=lane, exc_info=True)
