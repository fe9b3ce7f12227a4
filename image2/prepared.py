"""Tell in a few milliseconds whether the last start's preparation still holds; standard library only.

Django needs two seconds to find out that there is nothing to migrate. The embedded default starts often, on a laptop,
so it compares instead: the sources as they were, and the migrations that the database says it has.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where data can't be read from here, and what the system checks may refuse, so that they have to run.
ELSEWHERE = ("DATABASE_URL", "S3_BUCKET", "STATIC_ROOT")
CHECKED = (
    "PRODUCTION",
    "STRIPE_SECRET_KEY",
    "IMAGE2_CATALOGUE",
    "IMAGE2_STYLES",
    "IMAGE2_PLANS",
    "SIZE_BEFORE_PURCHASE",
)
PACKAGES = ("accounts", "billing", "editor", "generation", "image2", "privacy")


def is_prepared(home: Path) -> bool:
    """Tell whether tables and static files are up to date; when in doubt they are not."""
    if any(os.environ.get(name) for name in (*ELSEWHERE, *CHECKED)):
        return False
    try:
        return _marker(home).read_text() == _state(home)
    except (OSError, sqlite3.Error):
        return False


def remember(home: Path) -> None:
    """Write down that everything is up to date."""
    if (home / "image2.sqlite3").exists():
        _marker(home).write_text(_state(home))


def static_digest(folders: list[Path]) -> str:
    """Return a digest of what the collected static files depend on."""
    sources = [ROOT / "constraints.txt", ROOT / "image2" / "lib" / "static" / "static_files.py"]
    return _digest([*sources, *(path for folder in folders for path in folder.rglob("*"))])


def _marker(home: Path) -> Path:
    return home / "prepared"


def _state(home: Path) -> str:
    sources = [ROOT / "constraints.txt", *_sources()]
    for folder in ("static", "docs/bundled-model"):
        sources += (ROOT / folder).rglob("*")
    return f"{_digest(sources)} {_applied(home / 'image2.sqlite3')}\n"


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def _applied(database: Path) -> str:
    """Return a digest of the migrations that a database holds; a restored backup may hold fewer."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        facts = path.stat()
        if path.is_file():
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
