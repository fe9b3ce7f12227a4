"""The personal data of support: tickets, what was said in them, pictures that came by mail, and notes of staff."""

from __future__ import annotations

from typing import IO, Final

from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from generation.files import storing
from image2.lib.personal_data import Basis, Category, CopiedFiles, Kept, ModelData
from privacy.support.models import TicketAttachment

_PURPOSE: Final = _("To answer what you asked")
_KEPT: Final = _(
    "Until you delete the ticket, or as long as the account exists; without an account, a year after it was closed"
)
_LINK: Final = "leads to the row whose part it is; it goes with that row"
_STAFF: Final = "which member of staff wrote it; emptied when their account goes"
_MACHINERY: Final = "how mails are sent; tells nothing about the person"


def _path(attachment: TicketAttachment) -> str:
    words = slugify(attachment.name.rpartition(".")[0], allow_unicode=True)[:60] or "picture"
    return f"tickets/{attachment.message.ticket_id}/{words}-{attachment.pk}.{attachment.format}"


def _bytes(attachment: TicketAttachment) -> int:
    return attachment.bytes


def _write(attachment: TicketAttachment, target: IO[bytes]) -> None:
    storing.copy(attachment.key, target)


DECLARATIONS: Final = (
    ModelData(
        model="privacy.Ticket",
        owner="user",
        export_name="tickets",
        kept=(
            Kept(
                fields=(
                    *("id", "email", "category", "state", "picture", "job", "created_at"),
                    *("waiting_since", "answered_at", "closed_at", "due_at", "address_proved_at"),
                ),
                category=Category.SUPPORT,
                purpose=_PURPOSE,
                basis=Basis.CONTRACT,
                retention=_KEPT,
            ),
            Kept(
                fields=("reply_token",),
                category=Category.SUPPORT,
                purpose=_("To know which ticket a reply by e-mail belongs to"),
                basis=Basis.CONTRACT,
                retention=_KEPT,
                exported=False,
                not_exported_because="a secret: whoever has it can write into the ticket",
            ),
        ),
        impersonal={
            "user": "identifies the person; it is deleted with the row",
            "reminded_at": "when the operator was reminded of the deadline",
            "automatic_mail_at": _MACHINERY,
        },
    ),
    ModelData(
        model="privacy.TicketMessage",
        owner="ticket__user",
        export_name="ticket_messages",
        kept=(
            Kept(
                fields=(*("id", "ticket", "author", "text", "via", "not_taken", "created_at", "mailed_at"),),
                category=Category.SUPPORT,
                purpose=_PURPOSE,
                basis=Basis.CONTRACT,
                retention=_KEPT,
            ),
        ),
        impersonal={"by_staff": _STAFF, "mail_due_at": _MACHINERY},
    ),
    ModelData(
        model="privacy.TicketAttachment",
        owner="message__ticket__user",
        export_name="ticket_attachments",
        storage_key="key",
        copied=CopiedFiles(wanted=Q(), path=_path, largest=_bytes, write=_write, related=("message",)),
        kept=(
            Kept(
                fields=(
                    *("id", "message", "name", "width", "height", "format", "key", "sha256", "bytes"),
                    "created_at",
                ),
                category=Category.SUPPORT,
                purpose=_("To see what you showed us in an e-mail"),
                basis=Basis.CONTRACT,
                retention=_KEPT,
            ),
        ),
    ),
    ModelData(
        model="privacy.TicketNote",
        owner="ticket__user",
        kept=(
            Kept(
                fields=("text", "created_at"),
                category=Category.SUPPORT,
                purpose=_("So that our staff can work on your ticket together"),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_KEPT,
                exported=False,
                not_exported_because="working notes of staff; the operator reads them through before giving them out",
            ),
        ),
        impersonal={"id": "a running number", "ticket": _LINK, "by_staff": _STAFF},
    ),
    ModelData(
        model="privacy.CannedAnswer",
        impersonal={
            "id": "a running number",
            "title": "the operator's text",
            "category": "the operator's text",
            "text": "the operator's text",
        },
    ),
    ModelData(
        model="privacy.InboundMail",
        impersonal={
            "id": "a running number",
            "digest": "a hash of a mail's random number; deleted after 90 days",
            "taken_at": "when a mail was taken; says nothing of whose",
        },
    ),
    ModelData(
        model="privacy.Mailbox",
        impersonal={
            "id": "a running number",
            "name": "which mailbox",
            "read_at": _MACHINERY,
            **dict.fromkeys(("lease_owner", "lease_until", "fence", "attempts"), _MACHINERY),
        },
    ),
)
