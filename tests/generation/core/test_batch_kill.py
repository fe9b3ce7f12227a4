"""A worker that is killed while it draws jobs of several people: on both databases, named here, so it runs once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.services.racing import answer_of

ROOT = Path(__file__).parents[3]


@pytest.mark.long
@pytest.mark.usefixtures("tiny_model")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_in_the_middle_of_a_batch_loses_no_job_and_each_runs_alone_after_it(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'kill.sqlite3'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgres_url")
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "IMAGE2_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
        "JOB_LEASE_SECONDS": "2",
    }
    after = answer_of("tests.generation.core.killed", environment=environment)
    assert after["left"]
    assert after["killed"] == {"signal": 9, "states": ["running"] * 3, "pictures": 0}
    assert after["swept"] == [["queued", 1]] * 3
    assert after["ended"] == [["done", 1]] * 3
    assert after["batches"] == [1, 1, 1]
    assert after["credits"] == [[1000 - after["price"], 0]] * 3
