"""When a start may skip the preparation, and when it must not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from image2 import prepared


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that was prepared, beside sources that did not change since."""
    for name in (*prepared.ELSEWHERE, *prepared.CHECKED):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "root"
    for name in ("constraints.txt", "image2/urls.py", "static/css/base.css"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("as it was")
    monkeypatch.setattr(prepared, "ROOT", root)
    with closing(sqlite3.connect(tmp_path / "image2.sqlite3")) as database, database:
        database.execute("CREATE TABLE django_migrations (app, name)")
        database.execute("INSERT INTO django_migrations VALUES ('accounts', '0001_initial')")
    prepared.remember(tmp_path)
    return tmp_path


def test_nothing_is_done_twice(home: Path) -> None:
    assert prepared.is_prepared(home)


@pytest.mark.parametrize(
    "name", ["constraints.txt", "image2/urls.py", "static/css/base.css", "image2/new.py"]
)
def test_a_changed_source_is_prepared_again(home: Path, name: str) -> None:
    (home / "root" / name).write_text("as it is now")
    assert not prepared.is_prepared(home)


def test_a_restored_backup_that_lacks_a_migration_is_prepared_again(home: Path) -> None:
    with closing(sqlite3.connect(home / "image2.sqlite3")) as database, database:
        database.execute("DELETE FROM django_migrations")
    assert not prepared.is_prepared(home)


def test_a_lost_database_is_prepared_again(home: Path) -> None:
    (home / "image2.sqlite3").unlink()
    assert not prepared.is_prepared(home)
    assert not (home / "image2.sqlite3").exists()


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "S3_BUCKET", "STATIC_ROOT", "STRIPE_SECRET_KEY", "IMAGE2_CATALOGUE", "IMAGE2_PLANS"],
)
def test_a_site_on_servers_or_with_something_to_check_is_always_prepared(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "somewhere")
    assert not prepared.is_prepared(home)
