"""How a process reports to its parent that it is ready: one byte into an inherited pipe."""

from __future__ import annotations

import contextlib
import os

# The pipe's number; without it nobody is waiting (a systemd service, a container).
VARIABLE = "IMAGE2_READY_FD"


def say_ready() -> None:
    """Report to the parent, once; it may have ended. Children of this process don't get the pipe."""
    number = os.environ.pop(VARIABLE, "")
    if number.isdigit():
        with contextlib.suppress(OSError):
            os.write(int(number), b"1")
