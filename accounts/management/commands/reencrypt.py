"""``manage.py reencrypt``: after SECRET_KEY was replaced, encrypt with the new key what the former one encrypted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import reencryption


class Command(BaseCommand):
    help = (
        "Encrypts the keys of second factors with the present SECRET_KEY. Run it after the key was replaced and before"
        " the former one leaves SECRET_KEY_FALLBACKS. Status 1 if some can't be opened with any key."
    )

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        done = reencryption.renew_all()
        self.stdout.write(f"{done.renewed} encrypted with the present key.")
        if done.lost:
            raise CommandError(
                f"{done.lost} can't be opened with SECRET_KEY or SECRET_KEY_FALLBACKS. Add the key that they were"
                " encrypted with, or remove these people's second factors in the admin."
            )
