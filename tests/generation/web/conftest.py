"""Clients for alice, who has credits, and for bob and carol, who must not see what is hers."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from tests import factories

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def alice(db: None) -> User:
    person = factories.make_alice()
    ledger.grant(user=person, amount=100, source="promo", source_ref=f"test:{person.pk}")
    return person


@pytest.fixture
def bob(db: None) -> User:
    return factories.make_bob()


@pytest.fixture
def carol(db: None) -> User:
    return factories.make_carol()


@pytest.fixture
def browser_of(db: None) -> object:
    """Returns a client that is signed in as somebody."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client
