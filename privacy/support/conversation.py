"""What happens to a ticket: it is opened, replied to, answered, closed, opened again and deleted.

Each of these is one transaction that locks the ticket; mails go out after the commit, and the sweep sends what a killed
process didn't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from generation.files import storing
from privacy.models import Ticket, TicketAttachment, TicketMessage, TicketNote
from privacy.support import mailing
from privacy.support.categories import deadline

if TYPE_CHECKING:
    from datetime import datetime

    from privacy.support.pages.about import Shown

LONGEST = 10_000
Result = TypeVar("Result")


@transaction.atomic
def open_ticket(
    *,
    user: User | AnonymousUser,
    email: str,
    category: str,
    text: str,
    shown: Shown | None = None,
    via: str = TicketMessage.Via.PAGE,
) -> Ticket:
    """Store the question; the operator gets a mail. Nothing is sent to the address entered."""
    now = timezone.now()
    ticket = Ticket.objects.create(
        user=user if isinstance(user, User) else None,
        email=email,
        category=category,
        created_at=now,
        waiting_since=now,
        due_at=deadline(category, now),
        picture=shown.picture if shown else None,
        job=shown.job if shown else None,
    )
    _say(ticket, TicketMessage.Author.PERSON, text, now, via=via)
    return ticket


def reply(
    *,
    ticket: Ticket,
    text: str,
    via: str = TicketMessage.Via.PAGE,
    not_taken: Iterable[str] = (),
    attachments: Iterable[TicketAttachment] = (),
) -> TicketMessage:
    """Add what the person wrote, with pictures whose objects are stored already; a closed ticket is open again."""

    def change(locked: Ticket, now: datetime) -> TicketMessage:
        locked.person_wrote(now)
        message = _say(locked, TicketMessage.Author.PERSON, text, now, via=via, not_taken=not_taken)
        for attachment in attachments:
            attachment.message = message
            attachment.save(force_insert=True)
        return message

    return _locked(ticket, change)


def answer(*, ticket: Ticket, by: User, text: str) -> TicketMessage:
    """Answer as support: on the page, and by mail where there is an address for it."""

    def change(locked: Ticket, now: datetime) -> TicketMessage:
        locked.staff_answered(now)
        return _say(locked, TicketMessage.Author.STAFF, text, now, by_staff=by)

    return _locked(ticket, change)


def note(*, ticket: Ticket, by: User, text: str) -> TicketNote:
    """Keep a private note; nobody but staff is told."""
    return TicketNote.objects.create(ticket=ticket, by_staff=by, text=text)


def close(*, ticket: Ticket) -> None:
    _locked(ticket, lambda locked, now: locked.close(now))


def close_if_waiting(*, ticket: Ticket, since: datetime) -> None:
    """Close it unless somebody wrote meanwhile."""

    def change(locked: Ticket, now: datetime) -> None:
        if locked.state == Ticket.State.WAITING and locked.answered_at and locked.answered_at < since:
            locked.close(now)

    _locked(ticket, change)


def reopen(*, ticket: Ticket) -> None:
    _locked(ticket, lambda locked, now: locked.reopen(now))


def move(*, ticket: Ticket, category: str) -> None:
    _locked(ticket, lambda locked, _now: locked.move_to(category))


def prove_address(*, ticket: Ticket) -> None:
    """Write down that a visitor has what was mailed to their address."""
    rows = Ticket.objects.filter(pk=ticket.pk, user=None, address_proved_at=None)
    rows.update(address_proved_at=timezone.now())


@transaction.atomic
def delete(*, tickets: QuerySet[Ticket]) -> int:
    """Delete tickets with all that was said in them; the objects go to the outbox. Returns how many."""
    ids: list[UUID] = list(tickets.values_list("pk", flat=True))
    keys = TicketAttachment.objects.filter(message__ticket__in=ids).values_list("key", flat=True)
    storing.discard_keys(list(keys))
    Ticket.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _locked(ticket: Ticket, change: Callable[[Ticket, datetime], Result]) -> Result:
    """Change the row as it is now, and give the caller's object its new values."""
    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    result = change(locked, timezone.now())
    ticket.refresh_from_db()
    return result


def _say(
    ticket: Ticket,
    author: str,
    text: str,
    now: datetime,
    *,
    by_staff: User | None = None,
    via: str = TicketMessage.Via.PAGE,
    not_taken: Iterable[str] = (),
) -> TicketMessage:
    message = TicketMessage.objects.create(
        ticket=ticket,
        author=author,
        by_staff=by_staff,
        text=text,
        via=via,
        not_taken="\n".join(not_taken),
        created_at=now,
        mail_due_at=now,
    )
    transaction.on_commit(partial(mailing.send, message.pk), robust=True)
    return message
