"""``manage.py sweep_storage``: delete every object that no row publishes; for example after restoring a backup."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generation.files import sweeping
from generation.models import StorageDeletion


class Command(BaseCommand):
    help = "Finds objects in storage that belong to no picture and no upload, and deletes them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than-hours", type=int, default=24, help="leave younger objects alone")
        parser.add_argument("--keep", action="store_true", help="only say how many there are; delete nothing")

    def handle(self, *args: Any, older_than_hours: int, keep: bool, **options: Any) -> None:
        # Younger objects may belong to a job that is about to publish them.
        older_than = timedelta(hours=max(1, older_than_hours))
        if keep:
            self.stdout.write(f"{sweeping.count_unreferenced(older_than)} objects belong to nothing")
            return
        found = sweeping.sweep_everything(older_than)
        gone = 0
        while deleted := sweeping.delete_due():
            gone += deleted
        self.stdout.write(f"{found} objects belonged to nothing; {gone} deleted")
        if waiting := StorageDeletion.objects.count():
            self.stdout.write(f"{waiting} deletions wait for another attempt")
