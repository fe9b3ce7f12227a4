"""No process outlives its parent, not even after ``kill -9``.

Two things see to that. On Linux the kernel kills a child when its parent dies (PR_SET_PDEATHSIG), but not the child's
own children. So a guard process holds the reading end of a pipe that only the parent writes to: the parent announces
every process group on it, and when the pipe closes, the parent is gone, and the guard kills what was announced.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

PR_SET_PDEATHSIG = 1


def dies_with_this_process() -> Callable[[], None]:
    """Return a ``preexec_fn``: the kernel kills the child when the thread that starts it ends (Linux only)."""
    parent = os.getpid()
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec the less happens the better

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return before_exec


def kill_group(leader: int) -> None:
    """Kill every process of this group, if any is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


class Guard:
    """Kills the process groups of the process that makes it, should that end."""

    def __init__(self) -> None:
        # The parent keeps the reading end too: what it announces while there is no guard waits for the next one.
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)
        self.pid = 0

    def keep_running(self, groups: Iterable[int]) -> None:
        """Start the guard, or restart it when it was killed, and announce these groups to it."""
        if self.pid and os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            return
        self.pid = os.fork()
        if self.pid == 0:
            self._watch()
        for group in groups:
            self.announce(group)

    def announce(self, group: int) -> None:
        """Have this group killed should the parent end. Children call it themselves, before they run anything."""
        self._tell(group)

    def forget(self, group: int) -> None:
        """Record that this group has ended, since its number may be reused by another process."""
        self._tell(-group)

    def dismiss(self) -> None:
        """End the guard: the parent has ended its groups itself."""
        os.close(self._writes)
        os.close(self._reads)
        if self.pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def _tell(self, number: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._writes, b"%d\n" % number)

    def _watch(self) -> NoReturn:
        try:
            os.setsid()  # a signal for the parent's group is none for the guard
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.close(self._writes)
            for group in _announced(self._reads):
                kill_group(group)
        finally:
            os._exit(0)


def _announced(pipe: int) -> set[int]:
    """Return the groups that stand announced when the pipe closes."""
    groups: set[int] = set()
    rest = b""
    while text := os.read(pipe, 4096):
        *lines, rest = (rest + text).split(b"\n")
        for number in map(int, lines):
            if number > 0:
                groups.add(number)
            else:
                groups.discard(-number)
    return groups
