"""The 4K stage in a stream against the same with the whole picture in memory: time and peak, as ratios in one run.

Run: ``bin/test tests/benchmarks/test_engine_upscale.py -s``. Each side runs in a process of its own, so that its peak
memory is its own; nothing is asserted about time.
"""

import json
import subprocess
import sys

import pytest

from generation.requests.catalogue import ROOT

pytestmark = pytest.mark.long

_SIDE = """
import json, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
import numpy as np
from PIL import Image
from generation.requests import catalogue
from generation.engine.pixels import scalers, upscale
from generation.engine.pixels.encode import PngWriter
from generation.engine.pixels.thumbnails import SIDES, Thumbnails
from generation.requests.sizes import output_size

def field(name):
    text = Path("/proc/self/status").read_text()
    return int(text.split(name + ":")[1].split()[0]) / 1024

entry = replace(catalogue.get("bundled"), scaler="bundled-sr")
target = output_size("16:9", "4k")
rng = np.random.default_rng(0)
base = entry.base_size("16:9")
coarse = Image.fromarray(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8))
drawn = np.asarray(coarse.resize((base.width, base.height), Image.Resampling.BICUBIC))
scaler = scalers.for_entry(entry)
folder = Path(tempfile.mkdtemp())

def streaming():
    thumbnails = Thumbnails(target)
    with ThreadPoolExecutor(2) as executor:
        with PngWriter(folder / "a.png", target.width, target.height, chunks=b"", executor=executor) as writer:
            for strip in upscale.upscaled(drawn, target, scaler):
                writer.write(strip)
                thumbnails.write(strip)
    thumbnails.save(folder, "a")

def whole():
    picture = drawn
    if scaler:
        for _ in range(upscale.passes(base, target, scaler)):
            picture = scaler.enlarge(picture[None].astype(np.float32) / 255)[0]
            picture = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
    large = Image.fromarray(picture).resize((target.width, target.height), Image.Resampling.LANCZOS)
    large.save(folder / "b.png")
    for side in SIDES:
        small = target.fit(side)
        large.resize((small.width, small.height), Image.Resampling.LANCZOS).save(folder / f"{side}.webp")

run = {"streaming": streaming, "whole": whole}[sys.argv[1]]
Path("/proc/self/clear_refs").write_text("5")
before, start, cpu = field("VmRSS"), time.perf_counter(), time.process_time()
run()
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "processor": time.process_time() - cpu,
    "above_mb": field("VmHWM") - before,
    "scaler": scaler.name if scaler else "lanczos",
}))
"""


def test_the_4k_stage_streaming_against_whole() -> None:
    streaming, whole = _measured("streaming"), _measured("whole")
    print(
        f"\n4K stage ({streaming['scaler']}): streaming / whole = {streaming['seconds'] / whole['seconds']:.2f} wall, "
        f"{streaming['processor'] / whole['processor']:.2f} processor; peak memory {streaming['above_mb']:.0f} MB "
        f"against {whole['above_mb']:.0f} MB; streaming took {streaming['seconds']:.2f} s"
    )


def _measured(side: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _SIDE, side], cwd=ROOT, capture_output=True, text=True, check=True, timeout=600
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
