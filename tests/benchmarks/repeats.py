"""How much a benchmark measures: fully where it runs alone, once and little within the suite, beside other tests."""

from __future__ import annotations

import os
from typing import Final

from generation.requests.catalogue import Entry

# There a figure would say nothing: that the benchmark still runs is all that can be seen.
WITHIN_THE_SUITE: Final = "PYTEST_XDIST_WORKER" in os.environ


def repeats(alone: int) -> int:
    """Return how often to measure what is measured ``alone`` times by ``bin/test tests/benchmarks/… -s``."""
    return 1 if WITHIN_THE_SUITE else alone


def steps(entry: Entry) -> int:
    """Return in how many steps to draw: the model's own, as few as there can be within the suite."""
    return entry.min_steps if WITHIN_THE_SUITE else entry.default_steps
