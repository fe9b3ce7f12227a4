"""The parent of the processes, with toy commands in real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.processes import children_of, command_line, is_alive, wait_until

ROOT = Path(__file__).resolve().parents[2]

SAYS_READY = "echo 1 > /proc/self/fd/$IMAGE2_READY_FD; echo pid $$; exec sleep 1000"

# Each toy writes the number of a grandchild, which must not survive either.
FAMILY = "sleep 1000 & echo grandchild $!; wait"
STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done"
POLITE = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"


class Group:
    """A parent in a process of its own, and what it printed so far."""

    def __init__(
        self,
        folder: Path,
        *roles: tuple[str, str],
        ready: bool = True,
        grace: float = 0.5,
        asked: str = "None",
    ) -> None:
        listed = ", ".join(
            f"Role({name!r}, ['sh', '-c', {script!r}], grace={grace}, is_ready={asked})"
            for name, script in roles
        )
        program = folder / "parent.py"
        program.write_text(
            "import os\nimport sys\nfrom image2.lib.processes.supervision import Parent, Role\n"
            f"sys.exit(Parent([{listed}], is_ready=lambda: {ready}).run())\n"
        )
        self._log = folder / "log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(program)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def wait_for(self, pattern: str, *, times: int = 1) -> list[str]:
        """Return the first groups of a pattern in the log, once it stands there this often."""
        wait_until(
            lambda: len(re.findall(pattern, self.log)) >= times, f"{pattern!r} {times} times in: {self.log}"
        )
        return re.findall(pattern, self.log)

    def children(self) -> dict[str, int]:
        """Return the living children of the parent by their command line."""
        return {command_line(pid): pid for pid in children_of(self.process.pid)}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Group]]:
    """Start a parent with these (name, shell script) roles."""
    groups: list[Group] = []
    # A program started under nohup ignores SIGHUP, and so would what it starts.
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def start_group(*roles: tuple[str, str], asked: str = "None", grace: float = 0.5) -> Group:
        groups.append(Group(tmp_path, *roles, grace=grace, asked=asked))
        return groups[-1]

    yield start_group
    for group in groups:
        group.process.send_signal(signal.SIGTERM)
        group.process.wait(10)
    signal.signal(signal.SIGHUP, inherited)


def test_every_line_says_whose_it_is(start: Callable[..., Group]) -> None:
    group = start(("web", "echo served; sleep 1000"), ("gpu", "printf 'no newline'; exit 0"))
    group.wait_for(r"web \| served\n")
    group.wait_for(r"gpu \| no newline\n")


def test_a_killed_child_is_started_again(start: Callable[..., Group]) -> None:
    group = start(("web", "echo pid $$; exec sleep 1000"))
    (first,) = group.wait_for(r"pid (\d+)")
    os.kill(int(first), signal.SIGKILL)
    _, second = group.wait_for(r"pid (\d+)", times=2)
    assert first != second
    assert "web was ended by SIGKILL; starting it again in 0.5 s" in group.log


def test_a_child_that_had_been_ready_is_started_again_at_once_three_times_a_minute(
    start: Callable[..., Group],
) -> None:
    group = start(("web", SAYS_READY))
    for kill in range(5):
        os.kill(int(group.wait_for(r"pid (\d+)", times=kill + 1)[-1]), signal.SIGKILL)
    said = group.wait_for(r"web was ended by SIGKILL; starting it again (.+)\n", times=5)
    assert said == ["at once", "at once", "at once", "in 0.5 s", "in 1 s"]


def test_a_child_is_ready_too_when_its_role_finds_that_it_serves(
    start: Callable[..., Group], tmp_path: Path
) -> None:
    serves, asked = tmp_path / "serves", tmp_path / "asked"
    # Says in a file that it was asked, once it has found that the role serves.
    question = f"os.path.exists({str(serves)!r}) and (open({str(asked)!r}, 'w').close() or True)"
    group = start(("web", "echo pid $$; exec sleep 1000"), asked=f"lambda: {question}")
    (first,) = group.wait_for(r"pid (\d+)")
    serves.touch()
    wait_until(asked.exists, "the role's question")
    os.kill(int(first), signal.SIGKILL)
    group.wait_for(r"starting it again at once")


def test_the_pipe_by_which_a_child_says_that_it_is_ready_ends_with_it(start: Callable[..., Group]) -> None:
    group = start(("web", SAYS_READY))
    (first,) = group.wait_for(r"pid (\d+)")
    before = len(list(Path(f"/proc/{group.process.pid}/fd").iterdir()))
    os.kill(int(first), signal.SIGKILL)
    group.wait_for(r"pid (\d+)", times=2)
    assert len(list(Path(f"/proc/{group.process.pid}/fd").iterdir())) == before


def test_what_a_killed_child_had_started_ends_with_it(start: Callable[..., Group]) -> None:
    group = start(("gpu", f"echo pid $$; {FAMILY}"))
    (grandchild,) = group.wait_for(r"grandchild (\d+)")
    os.kill(int(group.wait_for(r"pid (\d+)")[0]), signal.SIGKILL)
    wait_until(lambda: not is_alive(int(grandchild)), "the grandchild's end")


def test_a_child_that_keeps_dying_is_started_less_and_less_often(start: Callable[..., Group]) -> None:
    group = start(("web", "exit 7"))
    assert group.wait_for(r"web ended with status 7; starting it again in (\S+) s", times=3)[:3] == [
        "0.5",
        "1",
        "2",
    ]


@pytest.mark.long
def test_a_group_that_cannot_start_ends_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group(tmp_path, ("web", "echo no such module; exit 1"), ready=False)
    assert group.process.wait(30) == 1
    assert "web can't start; its last lines above say why" in group.log


@pytest.mark.few(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_whole_group_promptly(start: Callable[..., Group], number: signal.Signals) -> None:
    group = start(("web", POLITE), ("gpu", FAMILY), ("cpu", STUBBORN))
    group.wait_for(r"up", times=2)
    (grandchild,) = group.wait_for(r"grandchild (\d+)")
    family = [*children_of(group.process.pid), int(grandchild)]
    began = time.monotonic()
    group.process.send_signal(number)
    assert group.process.wait(10) == 0
    assert time.monotonic() - began < 3
    assert [pid for pid in family if is_alive(pid)] == []
    assert "web | bye" in group.log
    assert "image2: cpu did not end within 0.5 s and is killed" in group.log
    assert "web did not end" not in group.log


def test_a_second_interrupt_does_not_wait(start: Callable[..., Group]) -> None:
    group = start(("cpu", STUBBORN), grace=60)
    group.wait_for("up")
    group.process.send_signal(signal.SIGINT)
    group.wait_for("stopping")
    group.process.send_signal(signal.SIGINT)
    assert group.process.wait(5) == 0


def test_a_killed_parent_leaves_no_process(start: Callable[..., Group]) -> None:
    group = start(("web", POLITE), ("gpu", FAMILY), ("cpu", STUBBORN))
    group.wait_for(r"up", times=2)
    (grandchild,) = group.wait_for(r"grandchild (\d+)")
    family = [*children_of(group.process.pid), int(grandchild)]
    assert len(family) == 5  # three roles, the guard, the grandchild
    group.process.kill()
    wait_until(lambda: not any(map(is_alive, family)), f"the end of {family}")


def test_a_killed_guard_is_replaced_and_the_new_one_does_its_work(start: Callable[..., Group]) -> None:
    group = start(("gpu", FAMILY))
    (grandchild,) = group.wait_for(r"grandchild (\d+)")
    guard = next(pid for line, pid in group.children().items() if "parent.py" in line)
    os.kill(guard, signal.SIGKILL)
    wait_until(
        lambda: any("parent.py" in line and pid != guard for line, pid in group.children().items()), "a guard"
    )
    family = [*children_of(group.process.pid), int(grandchild)]
    group.process.kill()
    wait_until(lambda: not any(map(is_alive, family)), f"the end of {family}")
