"""The cast as fixtures: alice owns, bob is a stranger, carol is staff."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests import factories


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


@pytest.fixture
def bob(db: None) -> User:
    return factories.make_bob()


@pytest.fixture
def carol(db: None) -> User:
    return factories.make_carol()
