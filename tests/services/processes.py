"""Real processes in tests: start them so that they end with the test run, wait for them, look at them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from image2.lib.processes.orphans import dies_with_this_process


def start(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server that writes its output to ``log`` and is killed when this process ends."""
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            preexec_fn=dies_with_this_process(),  # noqa: PLW1509  (it makes one system call)
        )


def stop(
    process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM, seconds: float = 10
) -> None:
    """Ask a process to end, and kill it when it does not."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(
    condition: Callable[[], object], what: str, seconds: float = 120, *, every: float = 0.05
) -> None:
    """Wait until a condition holds, and fail with its name."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        time.sleep(every)


def wait_for_server(
    process: subprocess.Popen[bytes], condition: Callable[[], object], log: Path, seconds: float = 120
) -> None:
    """Wait until a server answers; when it ends instead, fail with what it printed."""

    def answers_or_ended() -> object:
        return condition() or process.poll() is not None

    wait_until(answers_or_ended, f"a server; see {log}", seconds)
    if process.poll() is not None:
        raise AssertionError(f"the server ended with status {process.returncode}: {log.read_text()[-4000:]}")


def free_port() -> int:
    """Return a loopback port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Tell whether a server accepts connections at this loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid: int) -> list[int]:
    """Return the direct children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants_of(pid: int) -> list[int]:
    """Return every process below a process."""
    children = children_of(pid)
    return [*children, *(below for child in children for below in descendants_of(child))]


def command_line(pid: int) -> str:
    """Return a process's command line, or nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (one that only waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def quiet_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would lead a child to other data than a test means."""
    foreign = ("IMAGE2_", "DATABASE_", "REDIS_", "S3_", "STRIPE_", "EMAIL_", "PYTEST_", "DJANGO_", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    kept.pop("PORT", None)
    return {**kept, **more}
