"""``manage.py stripe sync|replay|backfill|reconcile``: sync prices, repeat events, compare payments and credits."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import StripeEvent
from billing.payments import NotConfigured, Refused, Unavailable
from billing.plans import price_sync
from billing.purchases import inbox, reconciliation


class Command(BaseCommand):
    help = "Compares Stripe's products and prices with ours (and makes what is missing, with --apply); replays events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        sync = commands.add_parser("sync", help="show differences; change nothing without --apply")
        sync.add_argument(
            "--apply", action="store_true", help="make missing products, and prices that differ"
        )
        replay = commands.add_parser(
            "replay", help="handle an event again; what it granted is not granted twice"
        )
        replay.add_argument("event", help="its id at Stripe: evt_…")
        commands.add_parser("backfill", help="fetch events of the last day that never arrived")
        commands.add_parser(
            "reconcile", help="compare payments and credits of the last days; status 1 when they differ"
        )

    def handle(self, *_arguments: Any, command: str, **options: Any) -> None:
        try:
            if command == "sync":
                self._sync(apply=options["apply"])
            elif command == "replay":
                self._replay(options["event"])
            elif command == "reconcile":
                self._reconcile()
            else:
                self._backfill()
        except NotConfigured:
            raise CommandError("STRIPE_SECRET_KEY is not set.") from None
        except (Refused, Unavailable) as error:
            raise CommandError(f"Stripe: {error}") from error

    def _sync(self, *, apply: bool) -> None:
        differences = price_sync.differences()
        for difference in differences:
            self.stdout.write(difference.sentence)
        if apply:
            for difference in differences:
                price_sync.settle(difference)
            self.stdout.write(f"{len(differences)} settled.")
        elif differences:
            self.stdout.write("Nothing was changed. Run it again with --apply.")
        else:
            self.stdout.write("Stripe has every product and price as we sell it.")

    def _replay(self, event: str) -> None:
        try:
            done = inbox.replay(stripe_id=event)
        except StripeEvent.DoesNotExist:
            raise CommandError(f"No event {event} was ever received.") from None
        if not done:
            raise CommandError(StripeEvent.objects.get(stripe_id=event).error)
        self.stdout.write("Handled.")

    def _reconcile(self) -> None:
        report = reconciliation.reconcile()
        if report.problems:
            raise CommandError(str(report))
        self.stdout.write(str(report))

    def _backfill(self) -> None:
        self.stdout.write(f"{inbox.backfill()} missed events were fetched.")
