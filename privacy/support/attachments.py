"""Pictures that come with a mail: opened by the one ingest, in its process without secrets, and kept as plain PNGs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, cast

from django.core.files.base import File as IncomingFile
from django.utils.translation import gettext as _

from accounts.people import policies
from generation.files import storing
from generation.uploads import intake
from privacy.models import Ticket, TicketAttachment

# The shipped text of the policy that names them: none is kept before it is in force.
POLICY: Final = 4
MOST: Final = 5
MOST_OF_TICKET: Final = 20
# Of one picture as a PNG: room for a photo of a screen, not for a 4K master.
MOST_BYTES: Final = 32 * 1024 * 1024


@contextmanager
def taken(
    ticket: Ticket, files: Sequence[IncomingFile[Any]]
) -> Iterator[tuple[list[TicketAttachment], list[str]]]:
    """Store what is a picture; give rows to be saved in the block, and a sentence for each file that isn't taken.

    When the block fails, the objects go to the outbox; after a kill the sweep finds them.
    """
    rows: list[TicketAttachment] = []
    sentences: list[str] = []
    room = MOST_OF_TICKET - TicketAttachment.objects.filter(message__ticket=ticket).count()
    try:
        for number, file in enumerate(files):
            if number >= MOST or len(rows) >= room:
                sentences.append(_said(file, _("That are too many pictures for one conversation.")))
            elif not policies.in_force(POLICY):
                sentences.append(_said(file, _("Pictures by e-mail aren't accepted here yet.")))
            else:
                _take(ticket, file, rows, sentences)
        yield rows, sentences
    except BaseException:
        storing.discard_keys([row.key for row in rows])
        raise


def published(keys: set[str]) -> set[str]:
    """Return those of these keys that a ticket needs: storage is never cleared of them."""
    return set(TicketAttachment.objects.filter(key__in=keys).values_list("key", flat=True))


def _take(
    ticket: Ticket, file: IncomingFile[Any], rows: list[TicketAttachment], sentences: list[str]
) -> None:
    try:
        with intake.opened(caller=ticket.user_id or ticket.pk, file=file, most=MOST_BYTES) as picture:
            stored = storing.store(
                cast(BinaryIO, picture.master), kind="support", attempt="mail", suffix="png"
            )
            rows.append(
                TicketAttachment(
                    name=picture.name,
                    width=picture.outcome.width,
                    height=picture.outcome.height,
                    key=stored.key,
                    sha256=stored.sha256,
                    bytes=stored.bytes,
                )
            )
    except intake.Refused as refusal:
        if refusal.cause == "storage":
            raise
        sentences.append(_said(file, refusal.sentence))


def _said(file: IncomingFile[Any], sentence: str) -> str:
    return _("“%(name)s” wasn't taken. %(sentence)s") % {
        "name": intake.shown_name(file),
        "sentence": sentence,
    }
