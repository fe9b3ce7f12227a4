"""No test may hang the suite: what takes far too long fails, with what every thread was doing.

Each phase of a test (set-up, call, tear-down) has its own time, so that a second attempt has it too. First the test
alone fails, by a signal; where that can't reach it (a call outside of Python), its test process ends, and pytest-xdist
starts another one for the tests that remain.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
from collections.abc import Generator
from types import FrameType
from typing import Final

import pytest

from tests.services.browser import kill_browsers

# The longest phase takes a minute on two free processors. These are for what would never end.
SECONDS: Final = float(os.environ.get("IMAGE2_TEST_PHASE_SECONDS", "300"))
MORE_SECONDS: Final = SECONDS / 3

_terminal = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the way to the terminal: later, what is printed is captured, and lost when the process ends."""
    config.stash[_terminal] = os.dup(2)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a test process ask at once how often a test has failed.

    pytest-rerunfailures asks the main process over TCP before each test, in two writes; without this the second one
    waits 40 ms for the acknowledgement of the first.
    """
    asked = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if asked is not None:
        asked.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def pytest_collection_finish() -> None:
    """Take what collecting left in memory for good, so that no later search for garbage looks at it again."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _in_time(item, "set-up"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _in_time(item, "call"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _in_time(item, "tear-down"))


def _in_time(item: pytest.Item, phase: str) -> Generator[None, object, object]:
    terminal = item.config.stash[_terminal]

    def too_long(_number: int, _frame: FrameType | None) -> None:
        faulthandler.dump_traceback(file=terminal, all_threads=True)
        kill_browsers()
        pytest.fail(f"the {phase} of {item.nodeid} took more than {SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    faulthandler.dump_traceback_later(SECONDS + MORE_SECONDS, file=terminal, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
