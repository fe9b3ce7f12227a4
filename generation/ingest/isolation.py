"""Starts the decoding process and waits for it: open descriptors in, one short line out, never longer than allowed."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from generation.ingest.marks.listing import MarksOrder
from generation.ingest.outcome import Cause, DecodeOrder, Outcome
from generation.ingest.photoshop.listing import LayersOrder

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_LONGEST_ANSWER: Final = 16 * 1024
_WAITING_SECONDS: Final = 10
# The process gets nothing of ours: no database, no keys. One arena keeps the address space close to the memory in use.
_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


class Crashed(Exception):
    """The process ended without an answer: a decoder's bug, or the machine is out of memory."""


def convert(source: IO[bytes], order: DecodeOrder) -> Outcome:
    """Decode `source` (an open file, from its start) in a process of its own. Raises Crashed."""
    files = (order.master, *order.thumbnails.values(), *order.squares.values())
    return run("generation.ingest.child", source, order.to_json(), files=files, seconds=order.seconds)


def layers(source: IO[bytes], order: LayersOrder, *, waiting: Callable[[], object] = lambda: None) -> Outcome:
    """Read the layers of `source`, a Photoshop file, in a process of its own. Raises Crashed.

    `waiting` is called every few seconds meanwhile.
    """
    files = (order.pictures, order.listing)
    child = "generation.ingest.photoshop.child"
    return run(child, source, order.to_json(), files=files, seconds=order.seconds, waiting=waiting)


def marks(source: IO[bytes], order: MarksOrder) -> Outcome:
    """Read what `source` says about itself in a process of its own. Raises Crashed."""
    files = (order.trust, order.listing)
    return run("generation.ingest.marks.child", source, order.to_json(), files=files, seconds=order.seconds)


def run(
    module: str,
    source: IO[bytes],
    order: str,
    *,
    files: Sequence[int],
    seconds: int,
    waiting: Callable[[], object] = lambda: None,
) -> Outcome:
    """Run a module in a process that has nothing but `source`, its order and the descriptors `files`. Raises Crashed.

    Safe from any thread: the interpreter is started afresh, nothing is forked. The process stays in the group of
    this one, so that it ends with it.
    """
    source.seek(0)
    process = subprocess.Popen(
        [sys.executable, "-s", "-m", module, order],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=files,
        cwd=_ROOT,
        env=_ENVIRONMENT | _library_path(),
    )
    try:
        answer = _answer(process, time.monotonic() + 2 * seconds, waiting)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    if answer is None or process.returncode in {
        -9,
        -14,
        -24,
    }:  # killed here, by its alarm, by its processor limit
        return Outcome(cause=Cause.TOO_COSTLY)
    try:
        return Outcome.from_json(answer.decode())
    except ValueError as error:
        raise Crashed(f"status {process.returncode}") from error


def _answer(process: subprocess.Popen[bytes], deadline: float, waiting: Callable[[], object]) -> bytes | None:
    """What the process said, once it has ended; None when it took too long. Never more than a few kilobytes."""
    assert process.stdout is not None
    answer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(left, _WAITING_SECONDS)):
                waiting()
                continue
            piece = os.read(process.stdout.fileno(), 4096)
            if not piece or len(answer) > _LONGEST_ANSWER:
                break
            answer += piece
    try:
        process.wait(timeout=max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return None
    return answer


def _library_path() -> dict[str, str]:
    # Pythons built into an odd place need it to find their own libraries.
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
