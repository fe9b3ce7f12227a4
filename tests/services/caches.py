"""Each test starts with nothing remembered: limits are rows and go with the test's transaction, the rest goes here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    yield
    caches["forgetful"].clear()
