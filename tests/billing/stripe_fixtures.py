"""A site that sells through the fake Stripe, and the ways in which its events arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing.purchases import checkout, inbox
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.server import KEY
from tests.fakes.stripe.world import Thing

WEBHOOK = "/billing/webhook/"


@pytest.fixture
def stripe_fake(settings: Settings, db: None) -> Iterator[FakeStripe]:
    """The fake with our products and prices in it, and the site configured for it."""
    fake = FakeStripe()
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_API_BASE = fake.url
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_being_replaced", fake.world.secret]
    caches["forgetful"].clear()
    call_command("stripe", "sync", "--apply", verbosity=0)
    yield fake
    fake.stop()
    caches["forgetful"].clear()


def deliver(fake: FakeStripe, events: list[Thing] | None = None) -> None:
    """Deliver events (all that there are) over the webhook, and handle what waits."""
    for event in fake.world.events if events is None else events:
        body, signature = fake.world.signed(event)
        answer = Client().post(
            WEBHOOK, body, content_type="application/json", headers={"Stripe-Signature": signature}
        )
        assert answer.status_code == 200
    inbox.handle_waiting()


def buy(user: User, fake: FakeStripe, offer: str = "pack_small") -> str:
    """Buy and pay; return the charge."""
    session = checkout.buy(user=user, lookup_key=offer).rpartition("/")[2]
    fake.world.pay(session)
    return str(fake.world.all("charge")[0]["id"])
