"""``manage.py audit verify``: whether the audit log is as it was written."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.staff import audit_chain


class Command(BaseCommand):
    help = "Checks that no line of the audit log was changed, taken out before its time, or slipped in. Status 1 if so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser("verify", help="walk along the whole chain of hashes")
        verify.add_argument(
            "--head", default="", help="number:hash, kept from an earlier run or a line of the processes' log"
        )

    def handle(self, *_arguments: Any, head: str, **_options: Any) -> None:
        found = audit_chain.verify(head)
        for fault in found.faults:
            self.stdout.write(fault.sentence)
        if found.faults:
            raise CommandError("The audit log isn't as it was written.")
        self.stdout.write(
            f"The audit log is as it was written: {found.lines} lines; {found.deleted} more were deleted when their"
            f" time was over.\nHead: {found.head}\nKeep the head outside of this machine; --head compares it next time."
        )
