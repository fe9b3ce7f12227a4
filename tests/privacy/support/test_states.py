"""The states of a ticket: who may move it where, what happens to its deadline, and what the operator is reminded of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from privacy.models import InboundMail, Ticket
from privacy.support import categories, conversation, housekeeping
from privacy.support.categories import RIGHTS, Category

pytestmark = pytest.mark.django_db
OPEN, WAITING, CLOSED = "open", "waiting", "closed"
ACTS = ("person_wrote", "staff_answered", "close", "reopen")
# State and act -> the state after it.
TABLE = {
    (OPEN, "person_wrote"): OPEN,
    (OPEN, "staff_answered"): WAITING,
    (OPEN, "close"): CLOSED,
    (OPEN, "reopen"): OPEN,
    (WAITING, "person_wrote"): OPEN,
    (WAITING, "staff_answered"): WAITING,
    (WAITING, "close"): CLOSED,
    (WAITING, "reopen"): WAITING,
    (CLOSED, "person_wrote"): OPEN,
    (CLOSED, "staff_answered"): WAITING,
    (CLOSED, "close"): CLOSED,
    (CLOSED, "reopen"): OPEN,
}


def a_ticket(state: str = OPEN, category: str = "other", **fields: Any) -> Ticket:
    now = timezone.now()
    return Ticket.objects.create(
        email="dana@example.test",
        category=category,
        state=state,
        closed_at=now if state == CLOSED else None,
        due_at=fields.pop("due_at", categories.deadline(category, now)),
        **fields,
    )


@pytest.mark.parametrize(("before", "act"), list(TABLE))
def test_every_act_in_every_state(before: str, act: str) -> None:
    ticket = a_ticket(before)
    getattr(ticket, act)(timezone.now() + timedelta(hours=1))
    ticket.refresh_from_db()
    assert ticket.state == TABLE[before, act]
    assert (ticket.closed_at is not None) == (ticket.state == CLOSED)


@given(st.lists(st.sampled_from(ACTS), max_size=12), st.sampled_from(sorted(Category.values)))
def test_whatever_happens_a_ticket_stays_whole(acts: list[str], category: str) -> None:
    with transaction.atomic():
        ticket, at = a_ticket(category=category), timezone.now()
        for act in acts:
            at += timedelta(days=3)
            waiting_before, was = ticket.waiting_since, ticket.state
            getattr(ticket, act)(at)
            ticket.refresh_from_db()
            assert (ticket.due_at is not None) == (category in RIGHTS)
            # Who waits already isn't sent to the end of the queue by writing again.
            assert was != OPEN or ticket.waiting_since == waiting_before
        transaction.set_rollback(True)


def test_the_database_refuses_half_a_state() -> None:
    for wrong in ({"state": CLOSED}, {"state": OPEN, "closed_at": timezone.now()}, {"state": "lost"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.create(email="dana@example.test", category="other", **wrong)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-01-15", "2026-02-15"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-30", "2028-02-29"),
        ("2026-12-31", "2027-01-31"),
        ("2026-10-31", "2026-11-30"),
    ],
)
def test_a_month_is_a_month_of_the_calendar(asked: str, due: str) -> None:
    moment = datetime.fromisoformat(f"{asked}T10:30:00+00:00")
    assert categories.a_month_after(moment) == datetime.fromisoformat(f"{due}T10:30:00+00:00")


def test_only_rights_have_a_deadline_and_moving_a_ticket_there_counts_from_its_first_day() -> None:
    for category in Category.values:
        assert (categories.deadline(category, timezone.now()) is not None) == (category in RIGHTS)
    ticket = a_ticket(created_at=datetime(2026, 3, 1, tzinfo=UTC))
    conversation.move(ticket=ticket, category=Category.ACCESS)
    assert ticket.due_at == datetime(2026, 4, 1, tzinfo=UTC)
    conversation.move(ticket=ticket, category=Category.BILLING)
    assert ticket.due_at is None


def test_an_answer_with_a_question_keeps_the_deadline_and_a_new_request_gets_a_new_one(carol: User) -> None:
    ticket = a_ticket(category=Category.OBJECTION)
    first = ticket.due_at
    conversation.answer(ticket=ticket, by=carol, text="Which of your pictures?")
    assert ticket.due_at == first
    conversation.close(ticket=ticket)
    with time_machine.travel(timezone.now() + timedelta(days=90)):
        conversation.reply(ticket=ticket, text="All of them.")
        assert ticket.due_at == categories.a_month_after(ticket.waiting_since)


def test_what_is_due_soonest_comes_first_then_who_waits_longest() -> None:
    now = timezone.now()
    late = a_ticket(waiting_since=now - timedelta(days=9))
    later = a_ticket(waiting_since=now - timedelta(days=2))
    right = a_ticket(category=Category.ACCESS, due_at=now + timedelta(days=20))
    urgent = a_ticket(category=Category.ERASURE, due_at=now + timedelta(days=2))
    assert list(Ticket.objects.most_urgent_first()) == [urgent, right, late, later]


def test_the_operator_is_reminded_once_a_week_before_the_month_ends() -> None:
    ticket = a_ticket(category=Category.ACCESS)
    done = a_ticket(CLOSED, category=Category.ACCESS)
    assert housekeeping.remind() == 0
    assert ticket.due_at is not None
    with time_machine.travel(ticket.due_at - timedelta(days=6)):
        assert housekeeping.remind() == 1
        assert housekeeping.remind() == 0
    (letter,) = mail.outbox
    assert letter.to == ["operator@localhost"]
    assert ticket.number in letter.body
    assert done.number not in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    with time_machine.travel(ticket.due_at + timedelta(days=1)):
        assert ticket.is_overdue
        assert not done.is_overdue


def test_an_answered_ticket_closes_after_two_weeks_of_silence(carol: User) -> None:
    forgotten, right, asked_again = (a_ticket(category=name) for name in ("other", "access", "other"))
    for ticket in (forgotten, right, asked_again):
        conversation.answer(ticket=ticket, by=carol, text="Did that help?")
    conversation.reply(ticket=asked_again, text="No.")
    with time_machine.travel(timezone.now() + timedelta(days=13)):
        housekeeping.sweep()
        assert not Ticket.objects.filter(state=CLOSED).exists()
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        housekeeping.sweep()
    assert list(Ticket.objects.filter(state=CLOSED)) == [forgotten]


def test_mails_are_remembered_for_ninety_days() -> None:
    InboundMail.objects.create(digest="old", taken_at=timezone.now() - timedelta(days=91))
    InboundMail.objects.create(digest="new", taken_at=timezone.now() - timedelta(days=89))
    housekeeping.sweep()
    assert list(InboundMail.objects.values_list("digest", flat=True)) == ["new"]
