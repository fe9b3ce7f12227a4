"""Rings for Stripe's events that wait in the inbox; the table is the queue, the message only says "there is work"."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

EXPIRES_SECONDS = 60


def ring() -> None:
    """Ring once the current transaction has committed. Never raises: a beat task looks into the inbox anyway."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task(
            "billing.handle_events", queue="billing", expires=EXPIRES_SECONDS, ignore_result=True, retry=False
        )
    except Exception:
        log.warning("doorbell.unheard", lane="billing", exc_info=True)
