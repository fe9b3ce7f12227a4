"""A small parent for a group of processes: prefixes their logs, restarts them, and ends them all with itself.

A process is ready when its role's own question says so (the web answers), or when it says so itself
(``readiness.say_ready``); when it is started again follows from that (``restarts``).

Every child leads a process group of its own, so that its own children (celery's pool, say) end with it. The parent is
one thread around one selector: with a second thread ``preexec_fn`` would be unsafe.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from image2.lib.processes import readiness
from image2.lib.processes.orphans import Guard, dies_with_this_process, kill_group
from image2.lib.processes.restarts import Restarts

TICK = 0.1
HOPELESS = (
    5  # deaths in a row before the group was ever ready: a mistake in the set-up, which a person must see
)


@dataclass(frozen=True)
class Role:
    """One process of the group: what it is called in the log and how it is started and stopped."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace: float = 5.0  # seconds between asking it to stop and killing it
    after_ready: bool = False  # leave the processor to the others until the group is ready
    is_ready: Callable[[], bool] | None = None  # asked until it is; without one the process says so itself


class Parent:
    """Keeps the roles running until it is asked to stop."""

    def __init__(
        self,
        roles: Sequence[Role],
        *,
        is_ready: Callable[[], bool] = lambda: True,
        on_ready: Callable[[], None] = lambda: None,
        output: IO[str] | None = None,
    ) -> None:
        self._output = output or sys.stdout
        self._is_ready, self._on_ready = is_ready, on_ready
        self._ready = False
        self._stop_requests = 0
        self._selector = selectors.DefaultSelector()
        self._guard = Guard()
        width = max(len(role.name) for role in roles)
        self._children = [_Child(role, role.name.ljust(width)) for role in roles]

    def run(self) -> int:
        """Start everything and return the exit status: 0 after SIGINT or SIGTERM, 1 when a role can't start."""
        self._listen_for_signals()
        status = 0
        while not self._stop_requests:
            self._guard.keep_running(child.pid for child in self._children if child.process)
            for child in self._children:
                self._care_for(child)
                if child.restarts.failed_starts >= HOPELESS and not self._ready:
                    self._say(f"{child.role.name} can't start; its last lines above say why")
                    self._stop_requests, status = 1, 1
            if not self._ready and self._is_ready():
                self._ready = True
                self._on_ready()
            self._pump()
        self._end_group()
        return status

    def _care_for(self, child: _Child) -> None:
        if child.process:
            status = child.process.poll()
            if status is not None:
                self._bury(child)
                pause = child.plan_restart()
                when = f"in {pause:g} s" if pause else "at once"
                self._say(f"{child.role.name} {_describe(status)}; starting it again {when}")
            else:
                child.look_whether_ready()
        elif time.monotonic() >= child.start_at and (self._ready or not child.role.after_ready):
            child.start(self._guard)
            self._selector.register(child.output, selectors.EVENT_READ, child)

    def _bury(self, child: _Child) -> None:
        """End what a dead child left behind, and take its last lines."""
        kill_group(child.pid)
        while text := child.read():
            self._print_lines(child, text)
        if child.rest:
            self._print_lines(child, b"\n")
        self._guard.forget(child.pid)
        self._stop_listening(child)
        child.look_whether_ready(ask=False)  # it may have said so just before it died
        child.close()

    def _pump(self) -> None:
        """Pass on what the children print, for at most one tick."""
        for key, _events in self._selector.select(TICK):
            if key.data is None:  # a signal woke us
                os.read(key.fd, 4096)
                continue
            child: _Child = key.data
            if text := child.read():
                self._print_lines(child, text)
            else:  # it ended, or closed its output and lives on; poll() tells which
                self._stop_listening(child)

    def _stop_listening(self, child: _Child) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.output)

    def _print_lines(self, child: _Child, text: bytes) -> None:
        *lines, child.rest = (child.rest + text).split(b"\n")
        for line in lines:
            self._write(f"{child.label} | {line.decode(errors='replace')}\n")

    def _end_group(self) -> None:
        """Ask every child to stop, wait as long as its role allows, and kill what is left."""
        self._say("stopping")
        asked, requests = time.monotonic(), self._stop_requests
        running = [child for child in self._children if child.process]
        for child in running:
            child.running.send_signal(signal.SIGTERM)
        while running:
            impatient = self._stop_requests > requests  # a second Ctrl-C
            for child in list(running):
                if impatient or time.monotonic() > asked + child.role.grace:
                    if not (impatient or child.killed):
                        self._say(
                            f"{child.role.name} did not end within {child.role.grace:g} s and is killed"
                        )
                    child.killed = True
                    kill_group(child.pid)
                if child.running.poll() is not None:
                    self._bury(child)
                    running.remove(child)
            self._pump()
        self._guard.dismiss()

    def _listen_for_signals(self) -> None:
        wake_reads, wake_writes = os.pipe()
        os.set_blocking(wake_reads, False)
        os.set_blocking(wake_writes, False)
        signal.set_wakeup_fd(wake_writes, warn_on_full_buffer=False)
        self._selector.register(wake_reads, selectors.EVENT_READ, None)

        def stop(_number: int, _frame: object) -> None:
            self._stop_requests += 1

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            signal.signal(signal.SIGHUP, stop)

    def _say(self, sentence: str) -> None:
        self._write(f"image2: {sentence}\n")

    def _write(self, line: str) -> None:
        # A closed terminal or pipe is no reason to stop serving.
        with contextlib.suppress(OSError, ValueError):
            self._output.write(line)
            self._output.flush()


class _Child:
    """One role's present process, and what is remembered about the earlier ones."""

    def __init__(self, role: Role, label: str) -> None:
        self.role, self.label = role, label
        self.process: subprocess.Popen[bytes] | None = None
        self.rest = b""  # an unfinished line
        self.restarts = Restarts()
        self.killed = False  # by us, since it did not end in time
        self.start_at = 0.0
        self._is_ready = False
        self._ready_reads = -1

    def start(self, guard: Guard) -> None:
        """Start the process in a group of its own, announced to the guard before it runs anything else."""
        die_with_parent = dies_with_this_process()

        def before_exec() -> None:
            guard.announce(os.getpid())
            die_with_parent()

        self.rest, self._is_ready = b"", False
        self.restarts.started(time.monotonic())
        self._ready_reads, ready_writes = os.pipe()
        os.set_blocking(self._ready_reads, False)
        self.process = subprocess.Popen(
            list(self.role.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "IMAGE2_ROLE": self.role.name,
                readiness.VARIABLE: str(ready_writes),
                **self.role.environment,
            },
            pass_fds=[ready_writes],
            process_group=0,
            preexec_fn=before_exec,  # noqa: PLW1509  (this process has one thread)
        )
        os.close(ready_writes)
        os.set_blocking(self.output.fileno(), False)

    def look_whether_ready(self, *, ask: bool = True) -> None:
        """Note that the process is ready, once in its life."""
        if not self._is_ready and (
            self._has_said_so() or (ask and self.role.is_ready and self.role.is_ready())
        ):
            self._is_ready = True
            self.restarts.ready()

    def _has_said_so(self) -> bool:
        try:
            return bool(os.read(self._ready_reads, 16))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Release a process that has ended."""
        os.close(self._ready_reads)
        self.output.close()
        self.process = None

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process, where there is one for certain."""
        assert self.process is not None
        return self.process

    @property
    def pid(self) -> int:
        """The process's number, which is also its group's."""
        return self.running.pid

    @property
    def output(self) -> IO[bytes]:
        """The pipe that it prints into."""
        assert self.running.stdout is not None
        return self.running.stdout

    def read(self) -> bytes:
        """Return what it has printed since the last time; nothing at its end."""
        try:
            return os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return b""

    def plan_restart(self) -> float:
        """Return the pause before the next start (``restarts`` has the rule)."""
        now = time.monotonic()
        pause = self.restarts.died(now)
        self.start_at = now + pause
        return pause


def _describe(status: int) -> str:
    return f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"
