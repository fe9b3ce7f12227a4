"""The 4K stage never holds the whole picture: its peak memory is measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generation.requests.catalogue import ROOT

_LIMIT_MB = 300

_MEASURE = """
import json, sys, tempfile
from pathlib import Path
from generation.requests import catalogue
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
@pytest.mark.long
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


_EDIT = """
import json, sys, tempfile
from pathlib import Path
from PIL import Image
from generation.engine import Sources
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, a_request, draw

def field(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024

entry, side = catalogue.get("bundled"), int(sys.argv[1])
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    draw(a_request(size="1k", steps=entry.min_steps), entry, folder)  # loads, warms
    Image.linear_gradient("L").resize((side, side)).convert("RGB").save(folder / "a.png")
    mask = Image.new("L", (side, side))
    mask.paste(255, (1000, 1000, 1600, 1500))
    mask.save(folder / "mask.png")
    request = ordering.inpaint(
        entry, reference=REFERENCE, source=Size(side, side), mask=REFERENCE, marked=Box(1000, 1000, 1600, 1500),
        prompt="a boat", seed=1, steps=4,
    )
    Path("/proc/self/clear_refs").write_text("5")
    before = field("VmRSS")
    draw(request, entry, folder / "out", sources=Sources(folder / "a.png", folder / "mask.png"))
    print(json.dumps({"above_mb": field("VmHWM") - before, "picture_mb": side * side * 4 / 2**20}))
"""


_UPSCALE = """
import json, sys, tempfile
from pathlib import Path
from PIL import Image
from generation.engine import Sources
from generation.requests import catalogue, ordering
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, a_request, draw

def field(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024

entry, size = catalogue.get("bundled"), Size(1024, 576)
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (source,) = draw(a_request(shape="16:9", size="1k", steps=entry.min_steps), entry, folder)  # loads, warms
    if sys.argv[2] == "pixels with opacity":
        with Image.open(source.master) as picture:
            picture.putalpha(Image.linear_gradient("L").resize(picture.size))
            picture.save(source.master)
    request = ordering.upscale(entry, reference=REFERENCE, source=size, scale=sys.argv[1])
    stored = source.fields if sys.argv[2] == "fields" else None
    Path("/proc/self/clear_refs").write_text("5")
    before = field("VmRSS")
    (large,) = draw(request, entry, folder / "out", sources=Sources(source.master, fields=stored))
    print(json.dumps({"above_mb": field("VmHWM") - before, "width": large.width}))
"""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured by Linux's own count")
@pytest.mark.parametrize(
    ("scale", "width", "by"),
    [
        ("4k", 3840, "fields"),
        ("4k", 3840, "pixels"),
        ("8k", 7680, "fields"),
        ("8k", 7680, "pixels"),
        ("8k", 7680, "pixels with opacity"),
    ],
)
def test_enlarging_holds_strips_whatever_the_size(scale: str, width: int, by: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _UPSCALE, scale, by],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    print(f"{scale} by {by}: {measured['above_mb']:.0f} MB above the loaded model")
    assert measured["width"] == width
    assert measured["above_mb"] <= _LIMIT_MB


_FROM_A_LARGE_ONE = """
import json, sys, tempfile
from dataclasses import replace
from pathlib import Path
from PIL import Image
from generation.engine import Sources
from generation.engine.families.residency import Residency
from generation.requests import ordering
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, draw
from tests.generation.engine.redrawing import HOW, Redrawer, a_photo, an_entry, enhanced

def field(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024

entry = an_entry(enhance=replace(HOW, tile=1024))
size, lends = Size(int(sys.argv[1]), int(sys.argv[2])), Residency(load=lambda entry: Redrawer(detail=6, keeps=False))
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    enhanced(folder, Redrawer())  # warms
    a_photo(Size(400, 300)).resize((size.width, size.height)).save(folder / "a.png", compress_level=1)
    request = ordering.upscale(
        entry, reference=REFERENCE, source=size, scale="8k", prompt="a lake", enhance=sys.argv[3] == "detail"
    )
    Path("/proc/self/clear_refs").write_text("5")
    before = field("VmRSS")
    (large,) = draw(request, entry, folder / "out", sources=Sources(folder / "a.png"), residency=lends)
    print(json.dumps({"above_mb": field("VmHWM") - before, "width": large.width}))
"""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured by Linux's own count")
@pytest.mark.parametrize("how", ["plain", "detail"])
def test_a_large_picture_is_enlarged_to_8k_in_strips_with_detail_or_without(how: str) -> None:
    """The picture itself would be 60 MB, the result 95; a model that takes no memory of its own draws the detail."""
    done = subprocess.run(
        [sys.executable, "-c", _FROM_A_LARGE_ONE, "6000", "3375", how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    print(f"8K from 6000×3375, {how}: {measured['above_mb']:.0f} MB above what was there before")
    assert measured["width"] == 7680
    assert measured["above_mb"] <= _LIMIT_MB


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured by Linux's own count")
@pytest.mark.parametrize("side", [3840, 8192])
def test_redrawing_a_part_holds_the_picture_and_its_mask_once(side: int) -> None:
    """Decoding a PNG needs its pixels twice for a moment; what is computed is as large as the box."""
    done = subprocess.run(
        [sys.executable, "-c", _EDIT, str(side)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{side}: {measured['above_mb']:.0f} MB above the loaded model, the picture {measured['picture_mb']:.0f}"
    )
    assert measured["above_mb"] <= 250 + 2 * measured["picture_mb"]
