"""The 4K stage never holds the whole picture: its peak memory is measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generation.catalogue import ROOT

_LIMIT_MB = 300

_MEASURE = """
import json, sys, tempfile
from pathlib import Path
from generation import catalogue
from generation.engine import production
from tests.generation.engine.orders import a_request, draw

def field(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024

entry = catalogue.get("bundled")
with tempfile.TemporaryDirectory() as folder:
    draw(a_request(shape="1:1", size="1k", steps=entry.min_steps), entry, Path(folder))  # loads, warms
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = field("VmRSS")
    (picture,) = draw(
        a_request(shape="1:1", size=sys.argv[1], steps=entry.default_steps), entry, Path(folder)
    )
    print(json.dumps({"above_mb": field("VmHWM") - before, "width": picture.width}))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured by Linux's own count")
@pytest.mark.parametrize(("size", "width"), [("2k", 2048), ("4k", 3840)])
def test_a_large_picture_needs_at_most_300_mb_above_the_loaded_model(size: str, width: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, size],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    print(f"{size}: {measured['above_mb']:.0f} MB above the loaded model")
    assert measured["width"] == width
    assert measured["above_mb"] <= _LIMIT_MB
