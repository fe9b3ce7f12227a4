"""A backup is made, somebody is erased, the backup is restored, the list is replayed; one JSON line.

``python -m tests.privacy.restored``, with an empty database in DATABASE_URL and a folder in IMAGE2_HOME. The backup is
made and restored as the runbook says.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from generation.files import sweeping  # noqa: E402
from generation.models import File  # noqa: E402
from privacy.erasure import housekeeping, ordering, working  # noqa: E402
from privacy.models import Erasure  # noqa: E402
from tests.privacy.erased import somebody  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402
from tests.services.postgresql import program  # noqa: E402

FILES = Path(settings.HOME / "files")
BACKUP = Path(settings.HOME / "backup")


def main() -> None:
    """Back up, erase, restore, replay, and look."""
    have_tables()
    alice, bob = (somebody(name) for name in ("alice", "bob"))
    after: dict[str, Any] = {"objects before": len(objects())}
    back_up()
    ordering.order(alice)
    work()
    after["erased"] = names()
    restore()
    after["restored"] = names()
    after["objects restored"] = len(objects())
    after["replayed"] = replay()
    after["closed"] = list(User.objects.exclude(closed_at=None).values_list("name", "is_active"))
    work()
    after["again"] = names()
    after["objects of bob"] = sorted(File.objects.filter(upload__owner=bob).values_list("key", flat=True))
    after["objects left"] = sorted(objects())
    mails = [path.read_text() for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml")]
    after["receipts"] = sum("Your account was deleted" in each for each in mails)
    after["replayed once more"] = replay()
    # The storage is lost as well, and there is a copy of the list.
    copy = BACKUP / "list"
    copy.write_text("0" * 64 + "\n")
    after["from a copy of the list"] = [replay("--from", str(copy)), len(listed())]
    sys.stdout.write(json.dumps(after) + "\n")


def work() -> None:
    """Bring the day, and do what the beat does until the receipt is out."""
    for _turn in range(4):
        closed = Erasure.objects.filter(state=Erasure.State.CLOSED)
        Erasure.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        housekeeping.sweep()
        closed.update(due_at=timezone.now() - timedelta(seconds=1))
        while working.work():
            pass
        sweeping.delete_due()


def names() -> list[str]:
    return sorted(User.objects.values_list("name", flat=True))


def objects() -> set[str]:
    """Return every object of people's things."""
    found = {str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()}
    return {key for key in found if not key.startswith("erased/")}


def listed() -> list[str]:
    out = io.StringIO()
    call_command("erasures", "list", stdout=out)
    return out.getvalue().split()


def replay(*arguments: str) -> str:
    out = io.StringIO()
    call_command("erasures", "replay", *arguments, stdout=out)
    return out.getvalue().strip()


def back_up() -> None:
    connection.close()
    BACKUP.mkdir(parents=True)
    if connection.vendor == "sqlite":
        with sqlite3.connect(database()) as source, sqlite3.connect(BACKUP / "database") as target:
            source.backup(target)
    else:
        run("pg_dump", "--format=custom", "--file", str(BACKUP / "database"), database())
    shutil.copytree(FILES, BACKUP / "files")


def restore() -> None:
    """Restore both; the list of erased accounts stays where it is."""
    connection.close()
    if connection.vendor == "sqlite":
        for ending in ("-wal", "-shm"):
            Path(f"{database()}{ending}").unlink(missing_ok=True)
        shutil.copy(BACKUP / "database", database())
    else:
        run("pg_restore", "--clean", "--if-exists", "--dbname", database(), str(BACKUP / "database"))
    shutil.copytree(BACKUP / "files", FILES, dirs_exist_ok=True)


def database() -> str:
    return os.environ["DATABASE_URL"].removeprefix("sqlite:///")


def run(name: str, *arguments: str) -> None:
    subprocess.run([program(name), *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    main()
