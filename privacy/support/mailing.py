"""The mails of support: the operator hears of what people write, and people get the answers.

A person gets them at their verified address. A visitor's address was only typed: each answer that a member of staff
writes to it goes there, and nothing automatic does before the address has proved itself. Private notes are in none.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from typing import Final

import structlog
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from image2.lib.mail import messages
from privacy.models import Ticket, TicketMessage
from privacy.support import links

log = structlog.get_logger(__name__)

# Whoever sends a mail has so long before the sweep does it once more.
_SENDING: Final = timedelta(minutes=5)
_AGAIN: Final = timedelta(minutes=10)
# Two machines that answer each other are stopped by this.
_BETWEEN_AUTOMATIC: Final = timedelta(hours=1)
_BATCH: Final = 100


def takes_replies() -> bool:
    """Whether a reply by mail arrives: there is an address for it, and a mailbox that is read."""
    return bool(settings.SUPPORT_REPLY_ADDRESS and settings.SUPPORT_IMAP_URL)


def send(message_id: int) -> None:
    """Send the mail of a message, once. What can't be sent now is sent by a later run.

    After a kill in between there are two, never none.
    """
    due = TicketMessage.objects.filter(pk=message_id, mail_due_at__lte=timezone.now())
    if not due.update(mail_due_at=timezone.now() + _SENDING):
        return
    message = TicketMessage.objects.select_related("ticket__user").get(pk=message_id)
    if not _has_a_reader(message):
        TicketMessage.objects.filter(pk=message_id).update(mail_due_at=None)
    elif _write(message):
        TicketMessage.objects.filter(pk=message_id).update(mail_due_at=None, mailed_at=Now())
    else:
        TicketMessage.objects.filter(pk=message_id).update(mail_due_at=timezone.now() + _AGAIN)


def send_due() -> int:
    """Send what is due; return how many were tried. Called by the beat."""
    due = TicketMessage.objects.filter(mail_due_at__lte=timezone.now()).order_by("mail_due_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:_BATCH])
    for pk in ids:
        send(pk)
    return len(ids)


def remind(tickets: list[Ticket]) -> bool:
    """Tell the operator of deadlines that end soon; False when the mail can't be sent now."""
    subject = _("[Support] The time to answer ends soon")
    return messages.send_letter(
        "support_deadlines", settings.OPERATOR_EMAIL, subject, {"tickets": tickets}, headers=_AUTOMATIC
    )


def say_not_taken(ticket: Ticket, sentences: list[str]) -> bool:
    """Say by mail what of a mail wasn't taken: to an address that proved itself, once an hour at most."""
    now = timezone.now()
    if ticket.user is None and ticket.address_proved_at is None:
        return False
    rows = Ticket.objects.filter(pk=ticket.pk).exclude(automatic_mail_at__gt=now - _BETWEEN_AUTOMATIC)
    if not rows.update(automatic_mail_at=now):
        return False
    subject = _("Part of your mail wasn't taken (%(number)s)") % {"number": ticket.number}
    return _to_person(ticket, "support_not_taken", subject, {"sentences": sentences}, _AUTOMATIC)


def _has_a_reader(message: TicketMessage) -> bool:
    """The operator reads what people write. Of them, some have no verified address, or reported without one."""
    person = message.ticket.user
    address = message.ticket.email if person is None else mail.address_of(person)
    return message.author == TicketMessage.Author.PERSON or bool(address)


def _write(message: TicketMessage) -> bool:
    ticket = message.ticket
    about = {"number": ticket.number, "category": ticket.get_category_display()}
    if message.author == TicketMessage.Author.PERSON:
        subject = _("[Support] %(category)s (%(number)s)") % about
        context = {"ticket": ticket, "message": message}
        return messages.send_letter("support_operator", settings.OPERATOR_EMAIL, subject, context)
    subject = _("Our answer: %(category)s (%(number)s)") % about
    return _to_person(ticket, "support_answer", subject, {"message": message}, {})


def _to_person(
    ticket: Ticket, name: str, subject: str, more: dict[str, object], headers: dict[str, str]
) -> bool:
    context = {
        "ticket": ticket,
        "page": links.of(ticket),
        "takes_replies": takes_replies(),
        "marker": MARKER,
        **more,
    }
    reply_to = (links.reply_address(ticket),) if takes_replies() else ()
    headers = {"References": links.thread(ticket), **headers}
    if ticket.user is not None:
        return mail.write_to(
            ticket.user, name=name, subject=subject, context=context, reply_to=reply_to, headers=headers
        )
    address = parseaddr(ticket.email)[1]
    return messages.send_letter(name, address, subject, context, reply_to=reply_to, headers=headers)


# What stands below it in a reply is our own mail.
MARKER: Final = "----- Write your reply above this line -----"
_AUTOMATIC: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
