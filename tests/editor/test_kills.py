"""kill -9 in the middle of an export: another worker goes on from a snapshot, and there is one picture."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.services.processes import quiet_environment


def test_an_export_goes_on_after_its_worker_was_killed(tmp_path: Path) -> None:
    environment = quiet_environment(
        DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}", IMAGE2_HOME=str(tmp_path / "home")
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.editor.killed"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    after = json.loads(done.stdout.splitlines()[-1])
    assert after["signal"] == signal.SIGKILL
    assert after["killed"] == [["running", 0]]
    assert after["snapshots"] == 2
    assert after["swept"] == [["queued", 1]]
    assert after["pictures before"] == 0
    assert after["ended"] == [["done", ""]]
    assert after["pictures"] == 1
