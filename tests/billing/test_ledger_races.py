"""Many processes at once, and processes that die: the ledger stays exact on both engines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.services.racing import answer_of

ROOT = Path(__file__).parents[2]
PROCESSES, TIMES = 6, 25  # as in the racer, which can't be imported here: it sets Django up

Environment = dict[str, str]


@pytest.fixture(params=["postgresql", pytest.param("sqlite", marks=pytest.mark.long)])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    url = f"sqlite:///{tmp_path / 'race.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    return {
        **os.environ,
        "DATABASE_URL": url,
        "IMAGE2_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
    }


def run(environment: Environment, operation: str) -> Any:
    return answer_of("tests.billing.racer", operation, environment=environment)


def test_processes_that_spend_at_once_spend_exactly_what_there_is(environment: Environment) -> None:
    after = run(environment, "spend")
    there_was = PROCESSES * TIMES // 2
    assert after["output"] == {"spent": there_was, "refused": there_was}
    assert after["problems"] == []
    assert (after["available"], after["held"], after["consumed"]) == (0, 0, there_was)


@pytest.mark.long
def test_processes_that_do_everything_at_once_keep_the_ledger_whole(environment: Environment) -> None:
    after = run(environment, "jostle")
    assert sum(after["output"].values()) == PROCESSES * TIMES * 2
    assert after["problems"] == []
    assert after["available"] >= 0
    assert after["consumed"] + after["held"] + after["available"] <= after["granted"]


@pytest.mark.long
def test_a_process_killed_at_any_statement_leaves_all_or_nothing(environment: Environment) -> None:
    output = run(environment, "kill")
    assert output["wrong"] == []
    assert min(output["killed"].values()) >= 4
    assert len(output["killed"]) == 8
