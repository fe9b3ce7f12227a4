"""What waits for me: tickets with their deadlines, reports, rights, comparisons that differ, drafts, deletions."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import StaffAccess
from billing.models import Hold, StripeEvent, Transaction
from generation.models import TakeDown
from image2.lib.observing import last_checks
from image2.website.operator.parts import Cell, Figure, May, Section, Table, listing, number
from privacy.models import Erasure, PolicyVersion, Ticket
from privacy.support.categories import REMIND_BEFORE, RIGHTS

_URGENT: Final = 5


def section(may: May, now: datetime) -> Section:
    waits = Section(name="waits", title=_("What waits for me?"))
    if may(Ticket):
        waits.figures += _tickets(now)
        waits.tables.append(_urgent(now))
    waits.figures += _comparisons(may)
    if may(PolicyVersion):
        waits.figures.append(_drafts())
    if may(Erasure):
        waits.figures += _erasures(now)
    if may(StaffAccess):
        waits.figures.append(_legal_holds())
    if may(TakeDown):
        waits.figures.append(_take_downs())
    return waits


def _tickets(now: datetime) -> list[Figure]:
    soon = Q(due_at__lt=now + REMIND_BEFORE)
    counted = Ticket.objects.unanswered().aggregate(
        open=Count("pk", filter=Q(state=Ticket.State.OPEN)),
        reports=Count("pk", filter=Q(category=Ticket.Category.ABUSE)),
        rights=Count("pk", filter=Q(category__in=RIGHTS)),
        soon=Count("pk", filter=soon),
        over=Count("pk", filter=Q(due_at__lt=now)),
    )
    not_closed = {"state": "unanswered"}
    return [
        Figure(label=_("Tickets waiting for us"), value=number(counted["open"]), url=listing(Ticket)),
        Figure(
            label=_("Reports of pictures"),
            value=number(counted["reports"]),
            url=listing(Ticket, category__exact=Ticket.Category.ABUSE, **not_closed),
            alarming=counted["reports"] > 0,
        ),
        Figure(
            label=_("Requests with a deadline by law"),
            value=number(counted["rights"]),
            url=listing(Ticket, deadline="any", **not_closed),
            note=_("access, correction, deletion, restriction, objection"),
        ),
        Figure(
            label=_("Deadline within 7 days, or over"),
            value=number(counted["soon"]),
            url=listing(Ticket, deadline="soon", **not_closed),
            note=_("%(count)s over") % {"count": number(counted["over"])},
            alarming=counted["soon"] > 0,
        ),
    ]


def _urgent(now: datetime) -> Table:
    tickets = Ticket.objects.filter(state=Ticket.State.OPEN).most_urgent_first()[:_URGENT]
    return Table(
        title=_("The most urgent tickets"),
        columns=[_("Number"), _("Category"), _("Waits since"), _("Deadline")],
        rows=[
            [
                Cell(ticket.number, f"{listing(Ticket)}{ticket.pk}/"),
                Cell(ticket.get_category_display()),
                Cell("", at=ticket.waiting_since),
                Cell("" if ticket.due_at else "–", at=ticket.due_at, alarming=ticket.is_overdue),
            ]
            for ticket in tickets
        ],
        empty=_("No ticket waits for an answer."),
        url=listing(Ticket),
    )


def _comparisons(may: May) -> list[Figure]:
    known = [
        (Transaction, "ledger", _("The ledger against itself"), listing(Transaction)),
        (Hold, "jobs", _("Held credits against jobs"), listing(Hold, state__exact=Hold.State.OPEN)),
        (
            StripeEvent,
            "stripe",
            _("Payments against credits"),
            listing(StripeEvent, handled_at__isempty=1),
        ),
    ]
    return [_compared(name, label, url) for model, name, label, url in known if may(model)]


def _compared(name: str, label: str, url: str) -> Figure:
    found = last_checks.last(name)
    if found is None:
        return Figure(label=label, value=_("Not compared yet"), url=url)
    if not found.differences:
        return Figure(label=label, value=_("Agrees"), url=url, since=found.at, since_word=_("compared:"))
    said = _("%(count)s differ") % {"count": number(found.differences)}
    return Figure(label=label, value=said, url=url, since=found.at, since_word=_("compared:"), alarming=True)


def _drafts() -> Figure:
    drafts = PolicyVersion.objects.filter(published_at=None).count()
    return Figure(
        label=_("Drafts of the privacy policy"),
        value=number(drafts),
        url=listing(PolicyVersion, published_at__isempty=1),
    )


def _erasures(now: datetime) -> list[Figure]:
    counted = Erasure.objects.filter(state__in=Erasure.LIVE).aggregate(
        closed=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now))
    )
    return [
        Figure(
            label=_("Closed accounts that wait to be deleted"),
            value=number(counted["closed"]),
            url=listing(Erasure, state__in=",".join(Erasure.LIVE)),
            note=_("%(count)s past their day") % {"count": number(counted["late"])},
            alarming=counted["late"] > 0,
        )
    ]


def _legal_holds() -> Figure:
    held = StaffAccess.objects.filter(lifted_at=None).exclude(held_because="").count()
    return Figure(
        label=_("Legal holds on notices"),
        value=number(held),
        url=listing(StaffAccess, notified_at__isempty=1),
        note=_("review them once a month"),
    )


def _take_downs() -> Figure:
    in_force = TakeDown.objects.in_force().count()
    return Figure(
        label=_("Take-downs in force"), value=number(in_force), url=listing(TakeDown, lifted_at__isempty=1)
    )
