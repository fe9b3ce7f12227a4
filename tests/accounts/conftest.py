"""What every test of accounts starts from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_called_before() -> Iterator[None]:
    """Rate limits count in the cache: each test starts at zero."""
    cache.clear()
    yield
    cache.clear()
