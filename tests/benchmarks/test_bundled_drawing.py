"""Training pictures of the bundled model: how many a second, and what drawing them together is worth. No timed asserts.

Run: ``bin/test tests/benchmarks/test_bundled_drawing.py -s``.
"""

import subprocess
import sys
import time

import pytest
import torch

from generation.bundled import draw
from generation.bundled.training import data
from tests.benchmarks.repeats import repeats

pytestmark = pytest.mark.long

PIXELS = 8  # a cell: 128 for 16 cells
TOGETHER = 128
ROUNDS = repeats(8)


def pictures_a_second(together: int) -> float:
    """One thread's median over rounds, scenes and layouts included."""
    torch.set_num_threads(1)
    seconds = []
    for step in range(ROUNDS):
        began = time.perf_counter()
        _, layouts, _ = data.batch(data.TRAINING, step, 0, TOGETHER, (16, 16))
        for first in range(0, TOGETHER, together):
            draw.pictures(layouts[first : first + together], PIXELS)
        seconds.append(time.perf_counter() - began)
    return TOGETHER / sorted(seconds)[ROUNDS // 2]


def test_drawing_together_against_one_by_one() -> None:
    threads = torch.get_num_threads()
    try:
        alone, together = pictures_a_second(1), pictures_a_second(TOGETHER)
    finally:
        torch.set_num_threads(threads)
    command = [sys.executable, "-c", f"import {__name__} as b; print(b.pictures_a_second(b.TOGETHER))"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    at_once = sum(float(process.communicate()[0]) for process in both)
    print(
        f"\n{PIXELS * 16} px: {together:.0f} pictures a second of a core, {together / alone:.1f} times as many as one"
        f" by one; two processes at once {at_once:.0f}, {at_once / together:.2f} times one"
    )
