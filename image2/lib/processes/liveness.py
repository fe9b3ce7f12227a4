"""A worker shows that its process lives: it touches a file, and tells systemd's watchdog where there is one.

Nothing here asks the broker or the database: a worker connects again by itself, and a probe that asked them would
restart every worker when one of them fails. What does end the signs: a process that was stopped or waits for a dead
disk, and a call that never gives Python's lock back.

Probes look at the age of ``alive/<name>`` in the data folder (docker-compose.yml, ``deploy/kubernetes/workers.yaml``):
it is there once the worker takes work.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from celery import signals
from django.conf import settings

log = structlog.get_logger(__name__)

# Probes call a worker dead after two minutes, and so does systemd.
EVERY_SECONDS = 10

_takes_work = threading.Event()


@signals.celeryd_after_setup.connect
def _start(sender: str, **_: Any) -> None:
    file = settings.HOME / "alive" / sender
    # What a worker of the same name left says nothing of this one.
    file.unlink(missing_ok=True)
    threading.Thread(target=_keep_showing, args=(file,), name="liveness", daemon=True).start()


@signals.worker_ready.connect
def _ready(**_: Any) -> None:
    _takes_work.set()


def _keep_showing(file: Path) -> None:
    """Show signs until the process ends: to systemd from the start, by the file once the worker takes work."""
    pause = threading.Event()
    while True:
        tell_systemd()
        if _takes_work.is_set():
            touch(file)
            pause.wait(EVERY_SECONDS)
        else:
            _takes_work.wait(EVERY_SECONDS)


def touch(file: Path) -> None:
    """Make the file new, and its folder if somebody deleted it. One that can't be written only goes into the log."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError:
        log.warning("worker.sign_of_life_failed", exc_info=True)


def tell_systemd() -> None:
    """Tell systemd's watchdog that this process lives (sd_notify), where the unit asks for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as watchdog:
        # It may lie in no folder: then an @ stands for the zero byte of its name.
        watchdog.sendto(b"WATCHDOG=1", "\0" + address[1:] if address.startswith("@") else address)
