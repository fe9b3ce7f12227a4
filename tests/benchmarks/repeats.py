"""How often a benchmark measures: fully where it runs alone, once within the whole suite, beside other tests."""

from __future__ import annotations

import os
from typing import Final

# There a figure would say nothing: that the benchmark still runs is all that can be seen.
WITHIN_THE_SUITE: Final = "PYTEST_XDIST_WORKER" in os.environ


def repeats(alone: int) -> int:
    """Return how often to measure what is measured ``alone`` times by ``bin/test tests/benchmarks/… -s``."""
    return 1 if WITHIN_THE_SUITE else alone
