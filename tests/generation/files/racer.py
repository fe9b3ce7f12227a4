"""Processes that upload at the same time for one person; prints what came of it as one JSON line.

``python -m tests.generation.files.racer quota|turns`` with an empty database in DATABASE_URL, a folder in IMAGE2_HOME.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from accounts.models import User  # noqa: E402
from generation import fair_shares  # noqa: E402
from generation.models import File, Turn, Upload  # noqa: E402
from generation.uploads import storage_used  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402
from tests.services.racing import fork  # noqa: E402

PROCESSES, TIMES = 6, 4
MB = 2**20


def quota() -> dict[str, int]:
    told = _in_processes(_upload)
    return {**told, "used": storage_used.used(_alice()) // MB}


def _upload(_name: str) -> Counter[str]:
    told: Counter[str] = Counter()
    alice = _alice()
    for _time in range(TIMES):
        try:
            with transaction.atomic():
                storage_used.claim(user=alice, needed=100 * MB)
                upload = Upload.objects.create(owner=alice, name="x", width=1, height=1)
                File.objects.create(
                    upload=upload,
                    role=File.Role.MASTER,
                    format="png",
                    key=str(upload.pk),
                    sha256="0",
                    bytes=100 * MB,
                    width=1,
                    height=1,
                )
            told["kept"] += 1
        except storage_used.StorageUsedUp:
            told["refused"] += 1
    return told


def turns() -> dict[str, int]:
    """Each says when it was inside; the clock of the machine is one for all."""
    told = _in_processes(_decode)
    marks = sorted((moment, step) for times in _inside() for moment, step in times)
    inside, most = 0, 0
    for _moment, step in marks:
        inside += step
        most = max(most, inside)
    child = os.fork()
    if child == 0:
        connection.close()
        fair_shares.take("decoder", caller=_alice().pk)
        os.write(_ready[1], b"x")
        time.sleep(600)
    os.read(_ready[0], 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while_dead = _try()
    # Its time goes by: what the database's clock will say a minute later.
    Turn.objects.update(until=F("until") - timedelta(seconds=61))
    return {"taken": told["taken"], "most_at_once": most, "while_dead": while_dead, "after_its_time": _try()}


def _try() -> int:
    try:
        fair_shares.take("decoder", caller=_alice().pk).release()
    except fair_shares.OverShare:
        return 0
    return 1


def _decode(name: str) -> Counter[str]:
    told: Counter[str] = Counter()
    alice = _alice()
    marks: list[tuple[float, int]] = []
    until = time.monotonic() + 4
    while time.monotonic() < until:
        try:
            turn = fair_shares.take("decoder", caller=alice.pk)
        except fair_shares.OverShare:
            told["refused"] += 1
            time.sleep(0.01)
            continue
        marks.append((time.monotonic(), 1))
        time.sleep(0.02)
        marks.append((time.monotonic(), -1))
        turn.release()
        told["taken"] += 1
    _marks_of(name).write_text(json.dumps(marks))
    return told


def _inside() -> Iterable[list[tuple[float, int]]]:
    return [json.loads(_marks_of(str(number)).read_text()) for number in range(PROCESSES)]


def _marks_of(name: str) -> Path:
    return Path(os.environ["IMAGE2_HOME"]) / f"marks-{name}.json"


def _in_processes(act: Callable[[str], Counter[str]]) -> Counter[str]:
    connection.close()
    told: Counter[str] = Counter()
    for answer in [fork(act, str(number)) for number in range(PROCESSES)]:
        told.update(json.loads(answer.read()))
    return told


def _alice() -> User:
    return User.objects.get()


if __name__ == "__main__":
    have_tables()
    User.objects.create_user("alice@example.org", name="Alice")
    _ready = os.pipe()
    # Without waiting, and as often as they like: what is looked at is that two are never inside together.
    share = fair_shares.shares()["decoder"]
    fair_shares._SHARES["decoder"] = replace(share, wait=0, a_minute=None)
    print(json.dumps({"quota": quota, "turns": turns}[sys.argv[1]]()))
