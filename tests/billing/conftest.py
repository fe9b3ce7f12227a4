"""The cast of billing's tests: alice owns, bob is a stranger, carol is staff; and the clock of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import DateTimeField, Value
from django.test import Client

from accounts.models import User
from billing.ledger import clock
from tests import factories
from tests.billing.stripe_fixtures import stripe_fake

__all__ = ["stripe_fake"]


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


@pytest.fixture
def hers(alice: User) -> Client:
    """Her browser, signed in."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.org", "the-builder", name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_superuser("carol@example.org", "sings-well", name="Carol")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """Set the ledger's clock so far from now: the one thing that is mocked."""

    def set_clock(ahead: timedelta) -> datetime:
        moment = datetime.now(UTC) + ahead
        monkeypatch.setattr(clock, "now", lambda: Value(moment, output_field=DateTimeField()))
        return moment

    return set_clock
