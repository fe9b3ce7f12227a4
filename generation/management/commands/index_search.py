"""``manage.py index_search``: prepare every picture for the search at once; for example after an upgrade."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand

from generation.search import index

_TURN: Final = 10.0


class Command(BaseCommand):
    help = (
        "Prepare all pictures for the search. The beat does the same in small steps; this may be interrupted."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for what, work in (
            ("pictures prepared", index.prepare),
            ("segments made", index.seal),
            ("segments rewritten", index.renew),
        ):
            done = 0
            while some := work(seconds=_TURN):
                done += some
                self.stdout.write(f"{done} {what}")
        self.stdout.write("The search is complete.")
