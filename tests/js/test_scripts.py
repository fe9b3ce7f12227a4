"""The scripts that need no page are tested by node's own runner, where there is a node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")


@pytest.mark.skipif(
    NODE is None, reason="there is no node here; the browser tests cover the same elements from outside"
)
def test_the_elements_scripts_pass_their_own_tests() -> None:
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    assert files
    done = subprocess.run(
        [str(NODE), "--test", *files], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
