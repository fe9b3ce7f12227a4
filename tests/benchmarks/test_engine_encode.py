"""The PNG encoder against Pillow at the same picture: time and size, as ratios in one run; no timed asserts.

Run: ``bin/test tests/benchmarks/test_engine_encode.py -s``.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.engine.pixels.encode import Pixels, PngWriter
from tests.benchmarks.repeats import repeats

pytestmark = pytest.mark.long

WIDTH, HEIGHT = 3840, 2160
PILLOW_DEFAULT_LEVEL = 6


def drawn() -> Pixels:
    """Flat regions with antialiased edges, like a poster."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    hills = np.clip((y - 1200 - 200 * np.sin(x / 400)) / 2, 0, 1)
    sun = np.clip((300 - np.hypot(x - 2900, y - 600)) / 2, 0, 1)
    planes = [np.clip(base - 40 * y / HEIGHT, 0, 255) for base in (240.0, 170.0, 120.0)]
    mixed = [plane * (1 - hills) + 60 * hills + (230 - plane) * sun for plane in planes]
    poster: Pixels = np.clip(np.stack(mixed, axis=2), 0, 255).astype(np.uint8)
    return poster


def photo_like() -> Pixels:
    """Soft shapes with the grain of a sensor."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (270, 480, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)).astype(np.float32)
    grainy: Pixels = np.clip(soft + rng.normal(0, 2, soft.shape), 0, 255).astype(np.uint8)
    return grainy


@pytest.mark.parametrize("make", [drawn, photo_like], ids=["drawn", "photo-like"])
def test_encode_against_pillows_default_level(make: Callable[[], Pixels], tmp_path: Path) -> None:
    pixels = make()
    picture = Image.fromarray(pixels)

    def ours() -> None:
        with (
            ThreadPoolExecutor(2) as executor,
            PngWriter(tmp_path / "ours.png", WIDTH, HEIGHT, chunks=b"", executor=executor) as writer,
        ):
            writer.write(pixels)

    def pillow() -> None:
        picture.save(tmp_path / "pillow.png", compress_level=PILLOW_DEFAULT_LEVEL)

    (wall, cpu), (pillow_wall, pillow_cpu) = _fastest(ours), _fastest(pillow)
    size, pillow_size = ((tmp_path / name).stat().st_size for name in ("ours.png", "pillow.png"))
    print(
        f"\nencode {WIDTH}×{HEIGHT}: ours / Pillow level {PILLOW_DEFAULT_LEVEL} = {wall / pillow_wall:.2f} wall, "
        f"{cpu / pillow_cpu:.2f} processor, {size / pillow_size:.2f} bytes ({size / 1e6:.1f} MB)"
    )


def _fastest(run: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds, each the least of three: other processes only add."""
    times = []
    for _ in range(repeats(3)):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)
