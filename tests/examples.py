"""How much is tried: few examples and values in bin/test, four times as many and every one in bin/test --all."""

from __future__ import annotations

import os
from collections import defaultdict
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make long what a test with the marker `few(n)` leaves to bin/test --all: n of its cases are spread over all."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("few") and not item.get_closest_marker("long"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for name, several in cases.items():
        several.sort(key=_place)  # whatever order they are run in
        most = min(_most(name, several[0]), len(several))
        tried = {place * len(several) // most for place in range(most)}
        for place, item in enumerate(several):
            if place not in tried:
                item.add_marker(pytest.mark.long)


def _place(item: pytest.Item) -> tuple[int, ...]:
    case = getattr(item, "callspec", None)
    return tuple(case.indices.values()) if case else ()


def _most(name: str, item: pytest.Item) -> int:
    marker = item.get_closest_marker("few")
    if marker is None or len(marker.args) != 1 or marker.args[0] < 1:
        raise pytest.UsageError(f"{name}: say how many cases are tried, as few(2)")
    return int(marker.args[0])


# No deadline: how long an example takes says more about the machine than about the code.
_same = os.environ.get("IMAGE2_TEST_SAME_EXAMPLES", "") == "yes"
settings.register_profile("few", max_examples=25, deadline=None, derandomize=_same)
settings.register_profile("all", max_examples=100, deadline=None, derandomize=_same)
settings.load_profile("all" if ALL else "few")
