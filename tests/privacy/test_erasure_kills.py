"""kill -9 between any two steps of an erasure: it ends all the same, counts nothing twice and leaves nothing over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.privacy.erased import EVENTS, MESSAGES, UPLOADS
from tests.services.processes import quiet_environment


def run(module: str, *arguments: str, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=quiet_environment(**environment),
    )
    assert done.returncode == 0, done.stderr[-4000:]
    after: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return after


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """An empty database and an empty data folder."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    return {"DATABASE_URL": url, "IMAGE2_HOME": str(tmp_path / "home")}


# What goes on after a kill depends on the code; on the database only whether a transaction holds: every fifth step.
@pytest.mark.parametrize(
    ("environment", "moment", "stride", "least"),
    [
        ("sqlite", "before", 5, 8),
        pytest.param("sqlite", "before", 1, 35, marks=pytest.mark.long),
        pytest.param("sqlite", "after", 1, 35, marks=pytest.mark.long),
        pytest.param("postgresql", "before", 5, 8, marks=pytest.mark.long),
        pytest.param("postgresql", "after", 5, 8, marks=pytest.mark.long),
    ],
    indirect=["environment"],
)
def test_an_erasure_goes_on_after_each_of_its_steps(
    moment: str, stride: int, least: int, environment: dict[str, str]
) -> None:
    after = run("tests.privacy.erased", moment, str(stride), **environment)
    assert after["killed"] >= least
    assert after["state"] == "done"
    assert after["counts"] == {
        "generation.Upload": UPLOADS,
        "generation.File": UPLOADS,
        "privacy.Ticket": MESSAGES,
        "accounts.UsageEvent": EVENTS,
        "accounts.User": 1,
    }
    assert after["people"] == ["bob"]
    assert after["of bob"] == [UPLOADS, MESSAGES, EVENTS]
    assert after["reasons"] == ["", "a gift for bob"]
    assert after["accounts"] == 1, "the books stay, without an owner"
    assert (after["outbox"], after["left over"]) == (0, [])
    assert after["list"] == 1
    assert after["receipt"]
    # Sent before the row says so: after a kill in between twice, never not at all.
    assert after["links"] >= 1
    assert after["receipts"] >= 1


def test_who_was_erased_is_erased_again_after_a_backup_was_restored(environment: dict[str, str]) -> None:
    after = run("tests.privacy.restored", **environment)
    assert after["erased"] == ["bob"]
    assert after["restored"] == ["alice", "bob"], "the backup brings her back"
    assert after["objects restored"] == after["objects before"]
    assert after["replayed"] == "1 accounts came back and are erased again; 0 had not come back"
    assert after["closed"] == [["alice", False]], "before anything serves"
    assert after["again"] == ["bob"]
    assert after["objects of bob"] == after["objects left"], "and her objects with her"
    assert after["receipts"] == 1, "nobody is written to twice"
    assert after["replayed once more"].startswith("0 accounts came back")
    assert after["from a copy of the list"] == [
        "0 accounts came back and are erased again; 1 had not come back",
        2,
    ]
