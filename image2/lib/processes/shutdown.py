"""Ends a worker as soon as it has no work.

Celery closes its parts one after another. Each sleeps for a second or two before it looks, and the last one waits for a
pool process that may still be loading its model: four to ten seconds in which nothing is done. A message is only a
notification here, so a worker without a task has nothing to clean up, and exits.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import billiard
import structlog
from celery import signals
from celery.worker import state

from image2.lib.processes import stopping

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.02

_asked = threading.Event()
_once = threading.Lock()
_last_acts: list[Callable[[], object]] = []


def last_act(act: Callable[[], object]) -> Callable[[], object]:
    """Have this done before a worker leaves (a decorator)."""
    _last_acts.append(act)
    return act


@signals.celeryd_after_setup.connect
def _watch(**_: Any) -> None:
    """Start before the pool does: a worker may be asked to stop while its pool process loads."""
    # Here, not in the handler: a signal's handler may have interrupted just those who start a thread.
    threading.Thread(target=_leave_when_idle, name="leaving", daemon=True).start()


@signals.worker_shutting_down.connect
def _told(**_: Any) -> None:
    stopping.request()
    _asked.set()


def _leave_when_idle() -> None:
    _asked.wait()
    pause = threading.Event()
    # Received and not ended: what runs in a pool process gives itself back at its next step.
    while state.reserved_requests:
        pause.wait(_LOOK_EVERY)
    _leave()


@signals.worker_shutdown.connect
def _leave(**_: Any) -> None:
    with _once:  # never released: a second caller waits for the end of the process
        for act in _last_acts:
            try:
                act()
            except Exception:
                log.warning("worker.last_act_failed", exc_info=True)
        for process in billiard.active_children():
            if process.pid:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
        log.info("worker.left")
        sys.stdout.flush()
        os._exit(0)
