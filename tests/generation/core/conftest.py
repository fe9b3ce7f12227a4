"""Fixtures for the tests of the queue: people with credits, and a way to submit requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import Job
from image2.lib.ids import new_id
from image2.lib.processes import stopping
from tests import factories
from tests.generation.requesting import a_request

Submit = Callable[..., Job]
NewPerson = Callable[..., User]


@pytest.fixture
def person(db: None) -> NewPerson:
    """Create a person with credits."""

    def make(name: str = "alice", having: int = 1000) -> User:
        user = factories.make_person(name)
        if having:
            ledger.grant(user=user, amount=having, source="promo", source_ref=f"test:{name}")
        return user

    return make


@pytest.fixture
def alice(person: NewPerson) -> User:
    return person("alice")


@pytest.fixture
def bob(person: NewPerson) -> User:
    return person("bob")


@pytest.fixture
def submit() -> Submit:
    """Submit a request for somebody, each with a key of its own."""

    def make(user: User, key: str = "", **changes: Any) -> Job:
        return submission.submit(
            user=user, request=a_request(**changes), idempotency_key=key or str(new_id())
        )

    return make


@pytest.fixture(autouse=True)
def _nobody_stops() -> Iterator[None]:
    """Before and after: what comes next in this process may be a test of another folder."""
    stopping.clear()
    yield
    stopping.clear()
