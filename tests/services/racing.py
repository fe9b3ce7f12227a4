"""Processes that meet: a module of the tests run as a program of its own, and forks that do one thing at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]


def answer_of(module: str, *arguments: str, environment: Mapping[str, str]) -> Any:
    """Run ``python -m module arguments`` and return its last line, read as JSON; fail with its errors."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def fork(act: Callable[[str], Counter[str]], name: str) -> IO[str]:
    """Do it in a process of its own; what it counted can be read, as JSON. Close connections before."""
    reads, writes = os.pipe()
    if os.fork():
        os.close(writes)
        return os.fdopen(reads)
    status = 1
    try:
        with os.fdopen(writes, "w") as answer:
            json.dump(act(name), answer)
        status = 0
    except Exception:  # noqa: BLE001  (shown; the parent misses the answer)
        traceback.print_exc()
    os._exit(status)
