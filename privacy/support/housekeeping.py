"""What the beat does for support: send mails again, remind the operator of deadlines, close what was forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from privacy.models import InboundMail, Ticket
from privacy.support import conversation, mailing
from privacy.support.categories import REMIND_BEFORE

# An answered ticket is closed when its person doesn't write again for so long; what has a deadline is closed by hand.
CLOSED_AFTER: Final = timedelta(days=14)
# No server delivers a mail a second time after so long.
_REMEMBERED: Final = timedelta(days=90)
_BATCH: Final = 200


def sweep() -> None:
    """Each part may be killed anywhere, and is done again the next time."""
    mailing.send_due()
    remind()
    close_forgotten()
    InboundMail.objects.filter(taken_at__lt=timezone.now() - _REMEMBERED).delete()


def remind() -> int:
    """Mail the operator once of each deadline that ends within a week. Return how many.

    The mail is sent before the rows say so: after a kill in between there are two, never none.
    """
    soon = timezone.now() + REMIND_BEFORE
    due = Ticket.objects.unanswered().filter(due_at__lt=soon, reminded_at=None).order_by("due_at")
    tickets = list(due[:_BATCH])
    if not tickets or not mailing.remind(tickets):
        return 0
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(reminded_at=timezone.now())
    return len(tickets)


def close_forgotten() -> int:
    """Close what was answered long ago. Return how many."""
    before = timezone.now() - CLOSED_AFTER
    forgotten = Ticket.objects.filter(state=Ticket.State.WAITING, answered_at__lt=before, due_at=None)
    tickets = list(forgotten[:_BATCH])
    for ticket in tickets:
        conversation.close_if_waiting(ticket=ticket, since=before)
    return len(tickets)
