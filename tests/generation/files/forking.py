"""The decoding process of the product, started by the thousand: one that has loaded everything forks for each file.

What a fork runs is ``generation.ingest.child`` with the product's order, limits and descriptors, and nothing of the
environment. Only the start of an interpreter is saved, which is most of what a small file costs.

``python -m tests.generation.files.forking DESCRIPTOR`` is the process that forks.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from generation.ingest import child, isolation
from generation.ingest.outcome import THUMBNAIL_SIDES, DecodeOrder, Outcome

_ROOT: Final = Path(__file__).resolve().parents[3]
_FILES: Final = 3 + len(THUMBNAIL_SIDES)  # the file, the answer, the master, the thumbnails


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of one file. `outcome` is None where the process ended without an answer: a crash."""

    outcome: Outcome | None
    status: int
    seconds: float
    master: bytes
    thumbnails: tuple[bytes, ...]


class Forking:
    """Runs one file after the other. Use it as a context."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        command = [sys.executable, "-s", "-m", "tests.generation.files.forking", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            pass_fds=(theirs.fileno(),),
            env=isolation._ENVIRONMENT | isolation._library_path(),
            stderr=subprocess.DEVNULL,
        )
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.wait(timeout=60)

    def decode(self, content: bytes, order: DecodeOrder) -> Decoded:
        """Send the file with fresh descriptors for what is written, as ``isolation.convert`` does."""
        with ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _number in range(_FILES)]
            files[0].write(content)
            files[0].seek(0)
            began = time.monotonic()
            text = order.to_json().encode()
            numbers = [file.fileno() for file in files]
            socket.send_fds(self._ours, [struct.pack("<I", len(text)) + text], numbers)
            (status,) = struct.unpack("<i", self._ours.recv(4, socket.MSG_WAITALL))
            seconds = time.monotonic() - began
            answer, master, *thumbnails = (_read(file) for file in files[1:])
        try:
            outcome = Outcome.from_json(answer.decode()) if status == 0 else None
        except ValueError:
            outcome = None
        return Decoded(outcome, status, seconds, master, tuple(thumbnails))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def serve(descriptor: int) -> None:
    """Fork for each order until the other end closes; answer with how the fork ended."""
    # Loaded once, as the child does under its limits.
    from generation.ingest import formats, png, reading  # noqa: F401

    with socket.socket(fileno=descriptor) as line:
        while True:
            head, files, _flags, _address = socket.recv_fds(line, 4, _FILES)
            if len(head) < 4:
                return
            (length,) = struct.unpack("<I", head)
            text = line.recv(length, socket.MSG_WAITALL).decode()
            process = os.fork()
            if process == 0:
                _decode(text, files)
            _process, status = os.waitpid(process, 0)
            for file in files:
                os.close(file)
            line.sendall(struct.pack("<i", os.waitstatus_to_exitcode(status)))


def _decode(text: str, files: list[int]) -> None:
    """End this process as the child would have ended."""
    status = 1
    try:
        os.dup2(files[0], 0)
        os.dup2(files[1], 1)
        order = replace(
            DecodeOrder.from_json(text),
            master=files[2],
            thumbnails=dict(zip(THUMBNAIL_SIDES, files[3:], strict=True)),
        )
        status = child.main(order.to_json())
        sys.stdout.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
