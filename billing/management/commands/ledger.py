"""``manage.py ledger``: verify the ledger against its entries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.ledger.invariants import violations


class Command(BaseCommand):
    help = "Checks every balance, lot and hold against the ledger's entries; ends with status 1 when one differs."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        if problems := violations():
            raise CommandError("\n".join(problems))
        self.stdout.write("The ledger adds up.")
