"""kill -9 at each step of a copy: finished parts are kept, the part in hand is made again, nothing is left over."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import few_of
from tests.privacy.killed import STEPS, UPLOADS
from tests.services.processes import quiet_environment
from tests.services.s3 import S3

STEP_NAMES = few_of(STEPS, ["a part is stored and has no row"])


def killed(step: str, **environment: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.privacy.killed", step],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=quiet_environment(**environment),
    )
    assert done.returncode == 0, done.stderr[-4000:]
    after: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return after


def check(after: dict[str, object]) -> None:
    assert after["signal"] == signal.SIGKILL
    assert after["swept"] == [["queued", 1]]
    assert after["state"] == "done"
    assert after["parts kept"]
    assert (after["uploads"], after["README"]) == (UPLOADS, True)
    assert after["drafts"] == 0
    assert after["left over"] == []


@pytest.mark.parametrize("step", STEP_NAMES)
@pytest.mark.few(1)
def test_a_copy_goes_on_after_its_worker_was_killed(step: str, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    after = killed(step, DATABASE_URL=database, IMAGE2_HOME=str(tmp_path / "home"))
    check(after)
    assert step != "in a later part" or after["parts before"]


@pytest.mark.long
@pytest.mark.parametrize(
    "step", ["in a file", "in a later part", "a part is stored and has no row", "pausing"]
)
def test_on_s3_too(step: str, tmp_path: Path, s3: S3, s3_bucket: str) -> None:
    database = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    home = str(tmp_path / "home")
    check(killed(step, DATABASE_URL=database, IMAGE2_HOME=home, **s3.environment(s3_bucket)))


@pytest.mark.long
def test_many_pictures_take_a_bounded_memory(tmp_path: Path) -> None:
    """Memory grows with the files of one part, never with the pictures of a person.

    A tenth of what was measured (`python -m tests.privacy.many 20000`), in parts of a tenth.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.privacy.many", "2000", "2000"],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env=quiet_environment(
            DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}", IMAGE2_HOME=str(tmp_path / "home")
        ),
    )
    assert done.returncode == 0, done.stderr[-4000:]
    after = json.loads(done.stdout.splitlines()[-1])
    assert after["state"] == "done"
    assert after["files"] > 2 * 2_000
    assert after["parts"] == 3, "a part holds 2,000 files at most"
    assert after["grown_mb"] < 60
