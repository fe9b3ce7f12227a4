"""Messages to support that were there before tickets: each is a ticket afterwards, with what it said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("privacy", "0006_erasure")]
AFTER = [("privacy", "0009_tickets_finished")]


def _at(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.long
def test_messages_become_tickets_and_nothing_is_lost() -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    try:
        messages = _at(BEFORE).get_model("privacy", "SupportMessage")
        rows = [
            messages.objects.create(
                email=f"{number}@example.test",
                topic=topic,
                message=f"Message {number}",
                created_at=day,
                closed_at=closed,
            )
            for number, (topic, closed) in enumerate([("payment", None), ("privacy", day), ("other", None)])
        ]
        tickets = _at(AFTER).get_model("privacy", "Ticket")
        found = {ticket.pk: ticket for ticket in tickets.objects.all()}
        assert set(found) == {row.pk for row in rows}
        assert [found[row.pk].category for row in rows] == ["billing", "privacy", "other"]
        assert [found[row.pk].state for row in rows] == ["open", "closed", "open"]
        assert len({ticket.reply_token for ticket in found.values()}) == 3
        for row in rows:
            (said,) = found[row.pk].messages.all()
            assert (said.text, said.author, said.created_at) == (row.message, "person", day)
            assert said.mail_due_at is None
            assert found[row.pk].waiting_since == day

        back = _at(BEFORE).get_model("privacy", "SupportMessage")
        assert {(row.topic, row.message) for row in back.objects.all()} == {
            (row.topic, row.message) for row in rows
        }
        back.objects.all().delete()
    finally:
        call_command("migrate", "privacy", verbosity=0)
