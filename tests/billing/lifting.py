"""The one place that lifts the ledger's triggers: when a test that commits is over and its rows are flushed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.plugin import blocking_manager_key

from billing.ledger import triggers


@pytest.fixture(autouse=True)
def _the_ledger_can_be_flushed(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """Lift the triggers before the flush of a transactional test; ``migrate``'s signal makes them again after it.

    It asks for pytest-django's own autouse fixture so as to be torn down before it.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server", "django_db_reset_sequences"} & set(request.fixturenames)
    )
    if commits:
        with request.config.stash[blocking_manager_key].unblock():
            for connection in connections.all():
                lift(connection)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger that keeps the ledger append-only."""
    with connection.cursor() as cursor:
        for name, table in triggers.present_triggers(connection).items():
            cursor.execute(triggers.drop_statement(connection.vendor, name, table))
