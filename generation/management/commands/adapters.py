"""``manage.py adapters``: list the LoRA files of the catalogue, and check each without loading it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.hub import lora, places
from generation.hub.places import HubError, amount
from generation.requests import catalogue
from generation.styles import adapters
from generation.styles.adapters import AdaptersError, Entry


class Command(BaseCommand):
    help = "Lists the LoRA files of the catalogue file, and checks them without loading any."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|check")
        acts.add_parser("list", help="each adapter: its file, weights and models")
        check = acts.add_parser(
            "check",
            help="the file's header: whole, plain numbers, its base, its hash, and whether the models fit",
        )
        check.add_argument(
            "adapter", nargs="?", default="", help="a key of the catalogue file; all, if left out"
        )

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            found = adapters.entries()
        except AdaptersError as error:
            raise CommandError(str(error)) from error
        if act == "list":
            for entry in found:
                weights = f"{entry.least_weight:g} to {entry.most_weight:g}, usually {entry.weight:g}"
                self.stdout.write(
                    f"{entry.key:20} {lora.file_of(entry)}  {weights}  {', '.join(sorted(entry.models))}"
                )
            return
        wanted = [entry for entry in found if options["adapter"] in ("", entry.key)]
        if options["adapter"] and not wanted:
            known = ", ".join(entry.key for entry in found) or "none"
            raise CommandError(f"There is no adapter {options['adapter']!r}. There are: {known}")
        if wrong := [sentence for entry in wanted if (sentence := self._check(entry))]:
            raise CommandError(" ".join(wrong))

    def _check(self, entry: Entry) -> str:
        """What is wrong with it; empty for a file that fits every model that is here."""
        try:
            found = lora.look(entry)
            for model in sorted(entry.models):
                folder = places.find(catalogue.get(model))
                if folder is None:
                    self.stdout.write(
                        f"{entry.key}: the weights of {model} aren't here, so nothing was compared."
                    )
                else:
                    lora.refuse_other_base(found, folder, model)
        except HubError as error:
            return f"{entry.key}: {error}"
        except catalogue.UnknownModel as error:
            return f"{entry.key}: there is no model {error}."
        self.stdout.write(
            f"{entry.key}: {found.path}, {amount(found.bytes)}, {found.changes} layers, rank {found.rank}, for "
            f"{found.base}"
        )
        return ""
