"""What the tests of the queue share: people with credits, and a way to ask for pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from billing import ledger
from generation import catalogue, submission
from generation.models import Job
from generation.requests import GenerationRequest
from image2.lib import stopping
from image2.lib.ids import new_id
from tests import factories

Submit = Callable[..., Job]
NewPerson = Callable[..., User]


@pytest.fixture
def person(db: None) -> NewPerson:
    """Make somebody with credits."""

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


def a_request(**changes: Any) -> GenerationRequest:
    entry = catalogue.get("bundled")
    values: dict[str, Any] = {
        "kind": "text_to_image",
        "model": "bundled",
        "prompt": "a red sailboat on a calm sea",
        "shape": "1:1",
        "size": "1k",
        "count": 1,
        "seed": 7,
        "steps": entry.default_steps,
        "guidance": entry.default_guidance,
    }
    return GenerationRequest(**values | changes)


@pytest.fixture
def submit() -> Submit:
    """Submit a request for somebody, each with a key of its own."""

    def make(user: User, key: str = "", **changes: Any) -> Job:
        return submission.submit(
            user=user, request=a_request(**changes), idempotency_key=key or str(new_id())
        )

    return make


@pytest.fixture(autouse=True)
def _nobody_stops() -> None:
    stopping.clear()
