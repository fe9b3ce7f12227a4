"""What the system costs beside the drawing: a job through claim, lease, progress, storage, settling / the engine raw.

Run: ``bin/test tests/benchmarks/test_system_overhead.py -s``. The ratio is printed; nothing is asserted about time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from billing import ledger
from generation.engine import production
from generation.engine.contract import PictureOrder
from generation.jobs import submission
from generation.models import Job, Picture
from generation.requests import catalogue
from generation.requests.request import GenerationRequest
from generation.worker import run
from image2.lib.ids import new_id
from tests.benchmarks.repeats import repeats

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

PAIRS = repeats(7)


@pytest.mark.parametrize("size", ["1k", "4k"][: repeats(2)])
def test_a_job_through_the_system_against_the_engine_alone(alice: User, tmp_path: Path, size: str) -> None:
    entry = catalogue.get("bundled")
    request = GenerationRequest(
        kind="text_to_image",
        model="bundled",
        prompt="a red sailboat on a calm sea",
        shape="16:9",
        size=size,
        count=1,
        seed=1,
        steps=entry.default_steps,
        guidance=entry.default_guidance,
    )
    ledger.grant(user=alice, amount=1000, source="promo", source_ref="benchmark")

    def raw() -> None:
        for _ in production.produce(
            [PictureOrder(request, 0, 1)], entry, workdir=tmp_path, on_progress=lambda _step: None
        ):
            pass

    def through_the_system() -> None:
        submission.submit(user=alice, request=request, idempotency_key=str(new_id()))
        run.run("gpu")

    raw()
    through_the_system()
    pairs = [(_timed(through_the_system), _timed(raw)) for _ in range(PAIRS)]
    ratio = statistics.median(system / alone for system, alone in pairs)
    alone = statistics.median(alone for _system, alone in pairs)
    print(f"\n{size}: through the system / raw = {ratio:.3f} (median of {PAIRS} pairs; raw {alone:.2f} s)")
    assert Job.objects.filter(state=Job.State.DONE).count() == Picture.objects.count() == PAIRS + 1


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
