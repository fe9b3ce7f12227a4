"""Stripe's events: the raw body of a delivery is verified, and the list is read for what never came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

from billing.payments import Event, NotConfigured
from billing.stripe_gateway.client import client, errors


class BadSignature(Exception):
    """The body does not come from Stripe, or is too old."""


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def verified_event(*, body: bytes, signature: str) -> Event:
    """Return the event of a delivery. Raises BadSignature, NotConfigured without a webhook secret."""
    if not settings.STRIPE_WEBHOOK_SECRETS:
        raise NotConfigured
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        try:
            return _event(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature from error
    raise BadSignature


def events_since(moment: datetime, types: Sequence[str]) -> Iterator[Event]:
    """Yield the events that happened since then, newest first, of these types."""
    with errors():
        found = client().v1.events.list(
            params={"created": {"gte": int(moment.timestamp())}, "types": list(types), "limit": 100}
        )
        for event in found.auto_paging_iter():
            yield _event(event.to_dict())


def _event(body: Mapping[str, Any]) -> Event:
    return Event(
        id=body["id"],
        type=body["type"],
        api_version=body.get("api_version") or "",
        created=datetime.fromtimestamp(body["created"], UTC),
        body=body,
    )
