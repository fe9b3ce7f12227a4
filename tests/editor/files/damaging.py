"""Damaged Photoshop files, each made from a seed and a number, in processes with the product's own limits.

``python -m tests.editor.files.damaging SEED COUNT`` prints one line of JSON a file.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from generation.ingest.photoshop import child
from generation.ingest.photoshop.listing import LayersOrder, Listing
from tests.editor.files.built import DEFLATED, PREDICTED, Layer, psd
from tests.generation.files.mutations import by_bytes

STRANGE = Path(__file__).parent / "strange"


def damaged(seed: int, number: int) -> bytes:
    """The file of a number."""
    noise = random.Random(f"{seed}:{number}")
    return by_bytes.anywhere(noise, noise.choice(whole()))


def whole() -> list[bytes]:
    """What is damaged: small files of every kind that is read."""
    group = [Layer(section=3), Layer("In", mask=((1, 1, 4, 4), 90, 255)), Layer("Group", section=1)]
    built = [psd(group, depth=16, how=PREDICTED), psd([*group, Layer(clip=1)], how=DEFLATED)]
    return [*(path.read_bytes() for path in sorted(STRANGE.glob("*.ps?"))), *built]


def main(seed: int, count: int) -> None:
    # Loaded once, as the process does under its limits.
    import numpy as np  # noqa: F401

    from generation.ingest.photoshop import layers  # noqa: F401

    for number in range(count):
        print(json.dumps(_read(damaged(seed, number))), flush=True)


def _read(content: bytes) -> dict[str, Any]:
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _number in range(4)]
        return _read_in(content, files)


def _read_in(content: bytes, files: Sequence[IO[bytes]]) -> dict[str, Any]:
    source, answer, pictures, listing = files
    source.write(content)
    source.flush()
    source.seek(0)
    order = LayersOrder(
        max_pixels=1000**2,
        max_side=1000,
        max_layers=100,
        all_pixels=4 * 1000**2,
        memory=2 * 1024**3,
        seconds=20,
        pictures=pictures.fileno(),
        listing=listing.fileno(),
        max_bytes=64 * 1024**2,
    )
    began = time.monotonic()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.dup2(source.fileno(), 0)
            os.dup2(answer.fileno(), 1)
            status = child.main(order.to_json())
            sys.stdout.flush()
        finally:
            os._exit(status)
    _process, status, usage = os.wait4(process, 0)
    for file in files:
        file.seek(0)
    said = json.loads(answer.read() or b"{}")
    if said and not said["cause"]:
        Listing.from_json(listing.read().decode(), len(pictures.read()))
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cause": said.get("cause"),
        "seconds": time.monotonic() - began,
        "megabytes": usage.ru_maxrss // 1024,
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(int(sys.argv[1]), int(sys.argv[2]))
