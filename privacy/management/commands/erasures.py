"""``manage.py erasures``: the list of erased accounts, and what a restored backup brought back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.files import storing
from privacy.erasure import replaying, tombstones


class Command(BaseCommand):
    help = "Compares the list of erased accounts with the database: after restoring a backup, before the site starts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["replay", "list"])
        parser.add_argument(
            "--from", dest="source", help="a copy of the list, one hash a line; - reads the input"
        )

    def handle(self, *args: Any, act: str, source: str | None, **options: Any) -> None:
        try:
            if act == "list":
                self.stdout.writelines(f"{each}\n" for each in sorted(tombstones.every()))
                return
            found = replaying.replay(_read(source) if source else None)
        except storing.StorageError as error:
            raise CommandError(f"The list can't be read: {error}. Try again when storage answers.") from error
        self.stdout.write(
            f"{found.again} accounts came back and are erased again; {found.known} had not come back"
        )


def _read(source: str) -> set[str]:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    hashes = set(text.split())
    if wrong := sorted(each for each in hashes if not tombstones.is_hash(each)):
        raise CommandError(f"This isn't a hash of an account: {wrong[0][:80]}. Nothing was done.")
    return hashes
