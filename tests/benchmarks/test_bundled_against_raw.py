"""The bundled model through the whole system against the stock pipeline with the same weights, size and steps.

Raw is `StableDiffusionPipeline` as anybody would call it: its own decoder, Lanczos to the size, a PNG by Pillow. Both
take turns in one process; nothing is asserted about time. What is printed goes into docs/performance.md.

Run: ``bin/test tests/benchmarks/test_bundled_against_raw.py -s``. IMAGE2_BENCHMARK_PAIRS says how often (3).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.engine import device, drawing, production
from generation.engine.contract import PictureOrder, Progress
from generation.engine.previews import PreviewClock
from generation.jobs import submission
from generation.models import Job
from generation.requests import catalogue
from generation.requests.catalogue import ROOT
from generation.requests.request import GenerationRequest
from generation.requests.sizes import output_size
from generation.worker import run
from image2.lib.ids import new_id
from tests.benchmarks.repeats import repeats, steps

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

PAIRS: Final = repeats(int(os.environ.get("IMAGE2_BENCHMARK_PAIRS", "3")))
PROMPTS: Final = (
    "a red sailboat on a calm sea at sunset",
    "two red mushrooms in the forest",
    "a yellow house on a hill",
    "a white rocket in space",
)
Pair = tuple[float, float]


def request_of(prompt: str, **changes: Any) -> GenerationRequest:
    entry = catalogue.get("bundled")
    request = GenerationRequest(
        kind="text_to_image",
        model="bundled",
        prompt=prompt,
        shape="1:1",
        size="1k",
        count=1,
        seed=1,
        steps=steps(entry),
        guidance=entry.default_guidance,
    )
    return replace(request, **changes)


def test_jobs_against_the_stock_pipeline(alice: User, tmp_path: Path) -> None:
    ledger.grant(user=alice, amount=10_000, source="promo", source_ref="benchmark")
    device.device()  # sets the threads, for both
    raw = _stock_pipeline(tmp_path / "raw.png")

    def jobs(*prompts: str) -> None:
        for prompt in prompts:
            submission.submit(user=alice, request=request_of(prompt), idempotency_key=str(new_id()))
        run.run("gpu")

    raw(PROMPTS[0])
    jobs(PROMPTS[0])
    alone, together = [], []
    for _ in range(PAIRS):
        alone.append((_seconds(lambda: jobs(PROMPTS[0])), _seconds(lambda: raw(PROMPTS[0]))))
        together.append((_seconds(lambda: raw(*PROMPTS)), _seconds(lambda: jobs(*PROMPTS))))
    print(f"\n{_heading()}")
    print(
        f"one 1K job / raw: {_ratio(alone):.2f} (medians {_median(alone, 0):.2f} / {_median(alone, 1):.2f} s)"
    )
    print(
        f"four raw one by one / four 1K jobs together: {_ratio(together):.2f}"
        f" (medians {_median(together, 0):.2f} / {_median(together, 1):.2f} s)"
    )
    assert Job.objects.filter(state=Job.State.DONE).count() == 1 + 5 * PAIRS


@pytest.mark.parametrize("pictures", [1, 4][: repeats(2)])
@pytest.mark.parametrize("many", [10, 50][: repeats(2)])
def test_previews_against_steps_and_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: int, many: int
) -> None:
    entry = catalogue.get("bundled")
    request = request_of(PROMPTS[0], steps=many, count=pictures)
    orders = [PictureOrder(request, index, index) for index in range(pictures)]
    clocks: list[PreviewClock] = []

    def clock() -> PreviewClock:
        clocks.append(PreviewClock())
        return clocks[-1]

    monkeypatch.setattr(drawing, "PreviewClock", clock)
    for _ in range(repeats(2)):  # the first time warms
        stages = _Stages()
        for _picture in production.produce(orders, entry, workdir=tmp_path, on_progress=stages):
            pass
    spent = clocks[-1].spent
    rest = stages.seconds["drawing"] - spent + stages.seconds["upscaling"]
    print(
        f"\n{_heading()}: {pictures} of {many} steps: {stages.previews} previews {spent:.3f} s,"
        f" steps and decodes {rest:.2f} s: {spent / rest:.3f}"
    )
    assert stages.previews >= pictures * (2 if many >= 20 else 1)


class _Stages:
    """The seconds of each stage of a run, and how many previews it showed while it drew."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.previews = 0
        self._since, self._stage = time.perf_counter(), "loading"

    def __call__(self, progress: Progress) -> None:
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._since, self._stage = now, progress.stage
        self.previews += progress.stage == "drawing" and progress.preview is not None


def _stock_pipeline(out: Path) -> Callable[..., None]:
    entry = catalogue.get("bundled")
    assert entry.folder
    base, target = entry.base_size("1:1"), output_size("1:1", "1k")
    pipe = StableDiffusionPipeline.from_pretrained(entry.folder, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)

    def raw(*prompts: str) -> None:
        for prompt in prompts:
            picture: Image.Image = pipe(
                prompt,
                width=base.width,
                height=base.height,
                num_inference_steps=steps(entry),
                guidance_scale=entry.default_guidance,
                generator=torch.Generator().manual_seed(1),
            ).images[0]
            picture.resize((target.width, target.height), Image.Resampling.LANCZOS).save(out)

    return raw


def _heading() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    load = os.getloadavg()[0]
    return f"{datetime.now(UTC):%Y-%m-%d} {commit}, {torch.get_num_threads()} threads, load {load:.1f}"


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _ratio(pairs: list[Pair]) -> float:
    return statistics.median(one / other for one, other in pairs)


def _median(pairs: list[Pair], place: int) -> float:
    return statistics.median(pair[place] for pair in pairs)
