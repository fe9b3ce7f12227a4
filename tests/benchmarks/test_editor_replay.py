"""How long replays and exports take on the server: printed, never asserted.

``python -m pytest tests/benchmarks/test_editor_replay.py -s``
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accounts.models import User
from editor import opening, replaying
from editor.log import appending, snapshots
from editor.models import Document
from editor.replay import strokes
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from image2.lib.ids import new_id
from tests.benchmarks.editor_tables import show
from tests.editor.calling import NoAssets
from tests.services.processes import quiet_environment

pytestmark = pytest.mark.long
SIDE = 4096
STROKES = 1000
BODY = {
    "layer": "base",
    "tool": "brush",
    "radius": 80 * 16,
    "hardness": 200,
    "flow": 32767,
    "spacing": 26,
    "opacity": 255,
    "rgb": 0x1E90FF,
}


def timed(work: Callable[[], Any]) -> str:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    taken = time.perf_counter() - clock
    return f"{taken:.2f} s, {time.process_time() - processor:.2f} s of processor"


def test_a_thousand_strokes_in_the_engine_alone() -> None:
    chance = random.Random(1)
    blobs = [_stroke(chance) for _ in range(STROKES)]
    with Kernels() as kernels:
        document = Replayed(kernels, NoAssets())
        document.apply(
            "open", {"width": SIDE, "height": SIDE, "layer": "base", "name": "Base", "rgba": 0xFFFFFFFF}
        )

        def draw() -> None:
            for blob in blobs:
                document.apply("stroke", BODY, blob)

        rows = [("1,000 strokes", timed(draw), ""), ("the digest after them", timed(document.digest), "")]
    show("The engine on 4096², radius 80", rows)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_strokes_of_a_document(alice: User) -> None:
    document = opening.blank(user=alice, width=SIDE, height=SIDE, rgba=0xFFFFFFFF)
    size = _draw(alice, document)
    document.refresh_from_db()
    head = document.head
    assert head is not None

    def replay() -> None:
        with replaying.replayed(document, head, on_progress=lambda _done, _of: None):
            pass

    snapshots.forget(document)
    rows = [
        ("the log, bodies and samples", f"{size / 1e6:.2f} MB", "<= 1 MB"),
        ("from zero, with snapshots on the way", timed(replay), "<= 15 s"),
        ("from the last snapshot", timed(replay), "<= 1 s"),
    ]
    show("1,000 strokes of a document, 4096², radius 80", rows)


def test_ten_full_layers_become_a_png(tmp_path: Path) -> None:
    environment = quiet_environment(
        DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}", IMAGE2_HOME=str(tmp_path / "home")
    )
    out = ""
    for arguments in (["draw"], []):
        command = [sys.executable, "-m", "tests.benchmarks.ten_layers", *arguments]
        out = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=600, env=environment
        ).stdout
    found = json.loads(out.splitlines()[-1])
    seconds = found["drawn"] + found["written"]
    rows = [
        ("drawn from a snapshot, written as PNG with thumbnails", f"{seconds:.1f} s", "<= 4 s"),
        ("  drawn", f"{found['drawn']:.1f} s", ""),
        ("  written", f"{found['written']:.1f} s, {found['png'] / 1e6:.0f} MB", ""),
        ("  of processor, with what Python loads", f"{found['processor']:.1f} s", ""),
        (
            "peak memory",
            f"{found['peak'] / 1e6:.0f} MB, {found['before'] / 1e6:.0f} before",
            "<= 200 MB more",
        ),
    ]
    show("Ten full layers of 4096² on the server", rows)


def _draw(owner: User, document: Document) -> int:
    """Draw the strokes, as a page sends them; return the bytes that the log took for them."""
    chance, size = random.Random(1), 0
    for _call in range(STROKES // 200):
        sent: list[appending.Sent] = []
        parent = document.head
        assert parent is not None
        for _ in range(200):
            sent.append(appending.Sent(new_id(), parent, "stroke", "k1", BODY, _stroke(chance)))
            parent = sent[-1].uid
            size += len(sent[-1].blob) + len(json.dumps(BODY))
        assert document.head is not None
        document = appending.append(
            user=owner, document_id=document.pk, expected=document.head, head=parent, operations=sent
        )
    return size


def _stroke(chance: random.Random) -> bytes:
    x, y = chance.randint(0, SIDE) * 16, chance.randint(0, SIDE) * 16
    points = []
    for _ in range(60):
        points.append((x, y, 255))
        x, y = x + chance.randint(-400, 400), y + chance.randint(-400, 400)
    return strokes.pack(np.array(points, np.int32))
