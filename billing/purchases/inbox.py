"""Stripe's events: taken in once and answered at once, handled after that, found again when one never came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from billing import stripe_gateway
from billing.models import StripeEvent
from billing.payments import Event, Gone, NotConfigured, Unavailable
from billing.purchases import gone, notify
from billing.purchases.handlers import HANDLERS, NotYet

log = structlog.get_logger(__name__)

ATTEMPTS = 50
# Stripe itself tries for three days; the poll looks a little further back than its own pace.
BACKFILL_WINDOW = timedelta(hours=26)


def receive(*, body: bytes, signature: str) -> StripeEvent:
    """Store a delivery, once per event. Raises stripe_gateway.BadSignature and payments.NotConfigured."""
    return _store(stripe_gateway.verified_event(body=body, signature=signature))


def handle_waiting() -> int:
    """Handle what waits, oldest first; return how many events were handled."""
    waiting = StripeEvent.objects.filter(handled_at__isnull=True, attempts__lt=ATTEMPTS).order_by(
        "received_at", "pk"
    )
    return sum(handle(pk) for pk in list(waiting.values_list("pk", flat=True)[:500]))


def handle(pk: int) -> bool:
    """Handle one event; False when it has to wait. Handling one twice, or two at once, does no harm."""
    event = StripeEvent.objects.get(pk=pk)
    if event.handled_at is not None:
        return False
    StripeEvent.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    try:
        if handler := HANDLERS.get(event.type):
            handler(_object_id(event))
    except Gone as missing:
        return _missing(event, missing)
    except (NotYet, NotConfigured, Unavailable) as wait:
        return _wait(event, wait)
    except Exception as error:
        log.exception("stripe.event_failed", event_id=event.stripe_id, type=event.type)
        return _wait(event, error)
    StripeEvent.objects.filter(pk=pk).update(handled_at=Now(), error="")
    return True


def replay(*, stripe_id: str) -> bool:
    """Handle an event again, for the operator; what it granted is not granted twice."""
    event = StripeEvent.objects.get(stripe_id=stripe_id)
    StripeEvent.objects.filter(pk=event.pk).update(handled_at=None, attempts=0, error="")
    return handle(event.pk)


def backfill() -> int:
    """Ask Stripe for the events of the last day and take in those that never came; return how many."""
    if not stripe_gateway.is_configured():
        return 0
    found = list(stripe_gateway.events_since(timezone.now() - BACKFILL_WINDOW, list(HANDLERS)))
    known = set(
        StripeEvent.objects.filter(stripe_id__in=[event.id for event in found]).values_list(
            "stripe_id", flat=True
        )
    )
    missed = [event for event in found if event.id not in known]
    for event in reversed(missed):
        _store(event)
    if missed:
        log.warning("stripe.events_missed", count=len(missed))
    return len(missed)


def _store(event: Event) -> StripeEvent:
    if event.api_version != stripe_gateway.API_VERSION:
        # Harmless to us, since every object is asked for again, but somebody has changed the endpoint.
        log.error(
            "stripe.api_version", event_id=event.id, got=event.api_version, wanted=stripe_gateway.API_VERSION
        )
    stored, is_new = StripeEvent.objects.get_or_create(
        stripe_id=event.id,
        defaults={"type": event.type, "api_version": event.api_version, "body": _without_people(event)},
    )
    if is_new:
        notify.wake_worker()
    return stored


def _without_people(event: Event) -> dict[str, object]:
    """Return what handling needs of the event: which object it is about. The rest names people, and Stripe has it."""
    data: Any = event.body.get("data")
    about = data.get("object", {}) if isinstance(data, dict) else {}
    kept = {"id": about.get("id", "")}  # a few kinds of objects, such as the balance, have none
    return {**{key: event.body.get(key) for key in ("created", "livemode")}, "data": {"object": kept}}


def _wait(event: StripeEvent, why: Exception) -> bool:
    StripeEvent.objects.filter(pk=event.pk).update(error=f"{type(why).__name__}: {why}"[:2000])
    return False


def _missing(event: StripeEvent, why: Gone) -> bool:
    """Wait as long as for anything else: the operator may be trying another key. Then do what follows from it."""
    if event.attempts + 1 < ATTEMPTS:
        return _wait(event, why)
    log.error("stripe.object_gone", event_id=event.stripe_id, type=event.type)
    gone.settle(_object_id(event))
    StripeEvent.objects.filter(pk=event.pk).update(handled_at=Now(), error=f"Gone: {why}"[:2000])
    return True


def _object_id(event: StripeEvent) -> str:
    return str(event.body["data"]["object"]["id"])
