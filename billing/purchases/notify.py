"""Notify the billing worker of events in the inbox. The table is the queue; the message only says "there is work"."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

EXPIRES_SECONDS = 60


def wake_worker() -> None:
    """Notify once the current transaction has committed. Never raises: a periodic task also reads the inbox."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task(
            "billing.handle_events", queue="billing", expires=EXPIRES_SECONDS, ignore_result=True, retry=False
        )
    except Exception:
        log.warning("notify.failed", lane="billing", exc_info=True)
