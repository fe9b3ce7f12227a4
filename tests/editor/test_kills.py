"""kill -9 in the middle of an export or an order: another worker goes on, and there is one picture, or one job."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.services.processes import quiet_environment


def killed(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Run `tests.editor.killed` with a database of its own; return what it tells."""
    environment = quiet_environment(
        DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}", IMAGE2_HOME=str(tmp_path / "home")
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.editor.killed", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_an_export_goes_on_after_its_worker_was_killed(tmp_path: Path) -> None:
    after = killed(tmp_path)
    assert after["signal"] == signal.SIGKILL
    assert after["killed"] == [["running", 0]]
    assert after["snapshots"] == 2
    assert after["swept"] == [["queued", 1]]
    assert after["pictures before"] == 0
    assert after["ended"] == [["done", ""]]
    assert after["pictures"] == 1


def test_an_order_goes_on_after_its_worker_was_killed_before_the_job(tmp_path: Path) -> None:
    after = killed(tmp_path, "order")
    assert after["signal"] == signal.SIGKILL
    # A part and a mask were kept; nothing was ordered or held.
    assert after["killed"] == [0, 2, 0]
    assert after["ended"] == [1, 1]
    assert after["states"] == ["submitted", "queued"]
    assert after["left behind"] == 2


@pytest.mark.long
def test_a_time_lapse_begins_again_after_its_worker_was_killed(tmp_path: Path) -> None:
    after = killed(tmp_path, "film")
    assert after["signal"] == signal.SIGKILL
    assert after["killed"] == [["running", 0]]
    assert after["ended"] == [["done", ""]]
    assert (after["files"], after["tiles"]) == (1, 0)
