"""`manage.py training_export DIR --by ADDRESS --reason TEXT`: what people allow for training, as a data set."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.staff import audit
from generation.dataset import exporting
from generation.dataset.folder import NotAFolderOfOurs
from generation.files import storing


class Command(BaseCommand):
    help = (
        "Export the pictures whose owners allow training, with their recipes, into a folder. Run again it adds "
        "what is new and removes what was withdrawn. It may be interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help=_("an empty folder, or one that an earlier run made"))
        parser.add_argument("--by", required=True, help=_("your address here; you have to be on the staff"))
        parser.add_argument("--reason", required=True, help=_("what it is for; kept in the audit log"))

    def handle(self, *_args: Any, **options: Any) -> None:
        actor = User.objects.filter(
            email=options["by"].strip().lower(), is_staff=True, is_active=True
        ).first()
        if actor is None:
            raise CommandError(
                _("Nobody on the staff has the address %(address)s.") % {"address": options["by"]}
            )
        try:
            done = exporting.export(actor=actor, reason=options["reason"], path=options["folder"])
        except audit.ReasonMissing:
            raise CommandError(
                _("Say what it is for: --reason “the next round of the bundled model”.")
            ) from None
        except NotAFolderOfOurs as refusal:
            raise CommandError(str(refusal)) from None
        except storing.StorageError as error:
            raise CommandError(
                _(
                    "Storage doesn't answer: %(error)s. Run the same command again; it goes on where it stopped."
                )
                % {"error": error}
            ) from error
        self.stdout.write(
            _(
                "%(pictures)s pictures in all, %(added)s of them new; %(removed)s removed; %(left_out)s left out."
            )
            % {
                "pictures": done.pictures,
                "added": done.added,
                "removed": done.removed,
                "left_out": done.left_out,
            }
        )
