"""How much is tried: few examples and values in bin/test, four times as many and every one in bin/test --all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from hypothesis import settings

ALL = os.environ.get("IMAGE2_TEST_EXAMPLES", "") == "all"


def examples(in_all: int) -> int:
    """Return ``max_examples`` for a property that bin/test --all tries this often."""
    return in_all if ALL else max(5, in_all // 4)


def few_of(values: Iterable[Any], tried: Collection[Any]) -> list[Any]:
    """Return the values of a parameter, of which bin/test tries a few and bin/test --all every one."""
    return [pytest.param(value, marks=[] if value in tried else [pytest.mark.long]) for value in values]


# No deadline: how long an example takes says more about the machine than about the code.
_same = os.environ.get("IMAGE2_TEST_SAME_EXAMPLES", "") == "yes"
settings.register_profile("few", max_examples=25, deadline=None, derandomize=_same)
settings.register_profile("all", max_examples=100, deadline=None, derandomize=_same)
settings.load_profile("all" if ALL else "few")
