"""Which tests run on which database: all of them on SQLite, and those that touch it once more on PostgreSQL.

bin/test repeats only those that meet SQL that differs or locks (the marker both_databases), bin/test --all all of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.services.migrated import copy_database

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
DATABASE_FIXTURES = {"db", "transactional_db"}
ALL_LONG = re.compile(r"^pytestmark = .*mark\.long\b", re.MULTILINE)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Begin with a copy of a database that is migrated once in a run; a server's is made by each test process."""
    if getattr(settings, "ON_POSTGRESQL", False):
        return False
    copy_database(Path(settings.DATABASES["default"]["TEST"]["NAME"]))
    return True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't even import a file that names no such test: collecting all of them takes longer than many a test."""
    chosen = config.getoption("markexpr")
    if collection_path.suffix != ".py" or not chosen:
        return None
    text = collection_path.read_text()
    if chosen.startswith("both_databases") and "mark.both_databases" not in text:
        return True
    return True if chosen.endswith("not long") and ALL_LONG.search(text) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With IMAGE2_TEST_DATABASE=postgresql leave out what would only run the same way again."""
    if not getattr(settings, "ON_POSTGRESQL", False):  # a setting of the tests alone
        return
    kept = [
        item
        for item in items
        if _touches_the_database(item)
        and not item.get_closest_marker("sqlite_only")
        and BENCHMARKS not in item.path.parents
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES)
