"""Tests of whole sites stay in one test process: what xdist's groups are for, and one release of pytest ignored."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_is_in_the_id_that_xdist_divides_tests_by(request: pytest.FixtureRequest) -> None:
    within_the_suite = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@together" if within_the_suite else request.node.name)
