"""Databases and data folders that are made once in a run of the tests, and copied by whoever wants one of its own.

To migrate takes seconds of a processor, and one run wants some twenty databases. A copy has been through the same
migrations. What must meet an empty database (a site's first start, say) doesn't ask here.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.services.processes import quiet_environment

ROOT = Path(__file__).resolve().parents[2]
# Set by the first process of a run (tests/settings.py) and inherited by all others; it deletes the folder at its end.
SHARED = "TESTS_SHARED_FOLDER"
# What a start looks at to see that nothing is left to prepare (image2/prepared.py). A secret key isn't shared.
PREPARED = ("static", "prepared", "image2.sqlite3")


def copy_database(target: Path) -> None:
    """Copy a SQLite database that holds every table."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_once("database", _migrate) / "image2.sqlite3", target)


def copy_home(target: Path) -> None:
    """Copy what a first start prepares in a data folder: the tables and the static files."""
    made = _once("home", _prepare)
    for name in PREPARED:
        copy = shutil.copytree if (made / name).is_dir() else shutil.copyfile
        copy(made / name, target / name)


def have_tables() -> None:
    """Give the new database of a program its tables; one that is run by hand makes them itself."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if SHARED in os.environ and connection.vendor == "sqlite":
        copy_database(Path(settings.DATABASES["default"]["NAME"]))
    elif "django_migrations" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0, skip_checks=True)


def _migrate(home: Path) -> None:
    _run("manage.py", "migrate", "--verbosity=0", "--skip-checks", home=home)


def _prepare(home: Path) -> None:
    copy_database(home / "image2.sqlite3")
    _run("-m", "image2.preparation", home=home)


def _run(*arguments: str, home: Path) -> None:
    environment = quiet_environment(IMAGE2_HOME=str(home))
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, timeout=600)


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """Return what is made by the first process that asks; the others wait for it."""
    shared = Path(os.environ[SHARED])
    made = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            started = shared / f"{name}.started"
            shutil.rmtree(started, ignore_errors=True)  # of a process that was ended in the middle
            started.mkdir()
            make(started)
            started.rename(made)
    return made
