"""What people wrote to support becomes the first message of its ticket; nothing of it is mailed again."""

from typing import Any

from django.db import migrations, transaction
from django.db.models import F

from privacy.support.tokens import new_token

_BATCH = 500


def move(apps: Any, schema_editor: Any) -> None:
    """May be killed and begun again: a ticket without a text is done."""
    tickets = apps.get_model("privacy", "Ticket").objects.using(schema_editor.connection.alias)
    messages = apps.get_model("privacy", "TicketMessage").objects.using(schema_editor.connection.alias)
    while batch := list(tickets.exclude(message="").order_by("pk")[:_BATCH]):
        with transaction.atomic(using=schema_editor.connection.alias):
            messages.bulk_create(
                messages.model(ticket=row, author="person", text=row.message, created_at=row.created_at)
                for row in batch
            )
            for row in batch:
                tickets.filter(pk=row.pk).update(
                    message="",
                    reply_token=new_token(),
                    category="billing" if row.category == "payment" else row.category,
                    state="closed" if row.closed_at else "open",
                    answered_at=row.closed_at,
                    waiting_since=F("created_at"),
                )


def back(apps: Any, schema_editor: Any) -> None:
    tickets = apps.get_model("privacy", "Ticket").objects.using(schema_editor.connection.alias)
    messages = apps.get_model("privacy", "TicketMessage").objects.using(schema_editor.connection.alias)
    kept = {"picture", "account", "privacy", "other"}
    for row in tickets.iterator(chunk_size=_BATCH):
        first = messages.filter(ticket=row).order_by("created_at", "pk").first()
        category = {"billing": "payment"}.get(row.category, row.category if row.category in kept else "other")
        tickets.filter(pk=row.pk).update(message=first.text if first else "", category=category)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("privacy", "0007_tickets")]

    operations = [migrations.RunPython(move, back)]
