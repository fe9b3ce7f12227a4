"""Starts the decoding process and waits for it: open descriptors in, one short line out, never longer than allowed."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Final

from generation.ingest.outcome import Cause, DecodeOrder, Outcome

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_LONGEST_ANSWER: Final = 16 * 1024
# The process gets nothing of ours: no database, no keys. One arena keeps the address space close to the memory in use.
_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"}


class Crashed(Exception):
    """The process ended without an answer: a decoder's bug, or the machine is out of memory."""


def convert(source: IO[bytes], order: DecodeOrder) -> Outcome:
    """Decode `source` (an open file, from its start) in a process of its own. Raises Crashed.

    Safe from any thread: the interpreter is started afresh, nothing is forked. The process stays in the group of
    this one, so that it ends with it.
    """
    source.seek(0)
    process = subprocess.Popen(
        [sys.executable, "-s", "-m", "generation.ingest.child", order.to_json()],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(order.master, *order.thumbnails.values(), *order.squares.values()),
        cwd=_ROOT,
        env=_ENVIRONMENT | _library_path(),
    )
    try:
        answer = _answer(process, time.monotonic() + 2 * order.seconds)
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


def _answer(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """What the process said, once it has ended; None when it took too long. Never more than a few kilobytes."""
    assert process.stdout is not None
    answer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
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
