"""Every test runs on the fake; with STRIPE_SANDBOX_KEY it runs once more against a real sandbox of Stripe's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import pytest_socket
from django.core.cache import caches
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import User
from billing.purchases import inbox
from tests import factories
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.server import KEY
from tests.settings import STRIPE_SANDBOX_KEY
from tests.stripe_sandbox.bench import Bench, refuse_a_live_key

NO_KEY = "set STRIPE_SANDBOX_KEY to the secret key of a Stripe sandbox (docs/runbook.md)"
STRIPES = [
    "fake",
    pytest.param("sandbox", marks=[] if STRIPE_SANDBOX_KEY else [pytest.mark.skip(reason=NO_KEY)]),
]


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


@pytest.fixture(params=STRIPES)
def bench(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[Bench]:
    """A Stripe with our products in it, and a site that sells through it."""
    fake = FakeStripe() if request.param == "fake" else None
    if fake is not None:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = KEY, fake.url
    else:
        refuse_a_live_key(STRIPE_SANDBOX_KEY)
        settings.STRIPE_SECRET_KEY = STRIPE_SANDBOX_KEY
        pytest_socket._remove_restrictions()  # the one place where tests leave this machine, and only when asked to
    # What else happened in a sandbox today is of no interest here.
    monkeypatch.setattr(inbox, "BACKFILL_WINDOW", timedelta(minutes=15))
    caches["forgetful"].clear()
    call_command("stripe", "sync", "--apply", verbosity=0)
    made = Bench(patience=0.2 if fake is not None else 180)
    yield made
    made.close()
    if fake is not None:
        fake.stop()
    caches["forgetful"].clear()
