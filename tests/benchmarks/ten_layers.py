"""A document of ten full layers of 4096 × 4096, and the export of it by a process of its own; one JSON line.

``python -m tests.benchmarks.ten_layers [draw]``, with a database in DATABASE_URL and a folder in IMAGE2_HOME.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

import numpy as np  # noqa: E402

from accounts.models import User  # noqa: E402
from editor import exporting, opening, replaying  # noqa: E402
from editor.log.snapshots import Shelf  # noqa: E402
from editor.models import Document  # noqa: E402
from editor.replay.document import Document as Replayed  # noqa: E402
from editor.replay.engine import Kernels  # noqa: E402
from editor.replay.layers import Layer  # noqa: E402
from tests.editor.calling import NoAssets  # noqa: E402
from tests.editor.pngs import photograph  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

SIDE = 4096
LAYERS = 10


def draw() -> None:
    """Make a document and a snapshot at its head with ten layers of photographs, so that an export begins there."""
    have_tables()
    owner = User.objects.create_user("alice@example.org", name="Alice")
    document = opening.blank(user=owner, width=SIDE, height=SIDE, rgba=0xFFFFFFFF)
    assert document.head is not None
    part = photograph(SIDE // 4, SIDE // 4)
    photo = np.tile(np.dstack([part, np.full(part.shape[:2], 200, np.uint8)]), (4, 4, 1))
    with Shelf(document) as shelf, Kernels() as kernels:
        state = Replayed(kernels, NoAssets(), SIDE, SIDE)
        for number in range(LAYERS):
            layer = Layer(id=f"full-{number}", name="Full")
            layer.pixels.write((0, 0, SIDE, SIDE), np.roll(photo, 37 * number, axis=1))
            state.layers.append(layer)
        shelf.take(state, document.head, document.seq)


def export() -> None:
    """Read the document from its snapshot, draw it, write the PNG and thumbnails of a picture."""
    document = Document.objects.get()
    assert document.head is not None
    before, begun = memory("VmRSS"), time.perf_counter()
    with (
        replaying.replayed(document, document.head, on_progress=lambda _done, _of: None) as state,
        exporting.work_folder() as folder,
    ):
        rendered = exporting.render(state, folder, lambda _done, _of: None)
        drawn = time.perf_counter()
        edited = exporting.picture(document, document.head, rendered, folder)
        done = time.perf_counter()
        size = edited.master.stat().st_size
    found = {"drawn": drawn - begun, "written": done - drawn, "png": size, "before": before}
    sys.stdout.write(json.dumps({**found, "peak": memory("VmHWM"), "processor": time.process_time()}) + "\n")


def memory(name: str) -> int:
    """Return a figure of this process, in bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * int(found[1]) if found else 0


if __name__ == "__main__":
    draw() if sys.argv[1:] == ["draw"] else export()
