"""The operator's queue: found by words, filtered, sorted by urgency, answered with canned texts."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from privacy.models import CannedAnswer, Ticket, TicketAttachment, TicketMessage
from privacy.support import conversation
from tests.factories import log_in_staff, make_person

pytestmark = pytest.mark.django_db
QUEUE = "/admin/privacy/ticket/"


@pytest.fixture
def staff(carol: User) -> Client:
    return log_in_staff(Client(), carol)


def a_ticket(user: User | None, text: str, **fields: object) -> Ticket:
    email = user.email if user else "dana@example.test"
    ticket = Ticket.objects.create(**{"user": user, "email": email, "category": "other", **fields})
    TicketMessage.objects.create(ticket=ticket, author="person", text=text)
    return ticket


def shown(staff: Client, **asked: str) -> set[str]:
    page = staff.get(QUEUE, asked)
    assert page.status_code == HTTPStatus.OK
    return {ticket.number for ticket in page.context["cl"].result_list}


def test_it_shows_what_waits_for_us_and_filters_the_rest(staff: Client, alice: User, carol: User) -> None:
    now = timezone.now()
    open_one = a_ticket(alice, "Where?")
    answered, closed = a_ticket(alice, "How?"), a_ticket(None, "When?")
    conversation.answer(ticket=answered, by=carol, text="So.")
    conversation.close(ticket=closed)
    over = a_ticket(alice, "What?", category="access", due_at=now - timedelta(days=1))
    soon = a_ticket(alice, "What?", category="objection", due_at=now + timedelta(days=3))

    assert shown(staff) == {open_one.number, over.number, soon.number}
    assert shown(staff, state="unanswered") == {open_one.number, answered.number, over.number, soon.number}
    assert shown(staff, state="closed") == {closed.number}
    assert len(shown(staff, state="all")) == 5
    assert shown(staff, deadline="over") == {over.number}
    assert shown(staff, deadline="soon") == {over.number, soon.number}
    assert shown(staff, category="objection") == {soon.number}
    assert shown(staff, state="all", user__isempty="1") == {closed.number}
    page = staff.get(QUEUE)
    assert [ticket.number for ticket in page.context["cl"].result_list] == [
        over.number,
        soon.number,
        open_one.number,
    ]
    assert 'class="overdue"' in page.text


def test_it_is_searched_by_number_address_message_and_note(staff: Client, alice: User, carol: User) -> None:
    mine, theirs = a_ticket(alice, "The boat is green."), a_ticket(None, "The tree is blue.")
    conversation.note(ticket=theirs, by=carol, text="Known since the last release.")
    for words, found in {
        mine.number: mine,
        "alice@": mine,
        "boat is GREEN": mine,
        "dana@example": theirs,
        "last release": theirs,
    }.items():
        assert shown(staff, q=words) == {found.number}, words
    assert shown(staff, q="nothing like that") == set()


def test_a_canned_answer_is_inserted_below_what_was_typed(staff: Client, alice: User) -> None:
    fitting = CannedAnswer.objects.create(title="Refunds", category="billing", text="Open the page Billing.")
    CannedAnswer.objects.create(title="Passwords", category="account", text="Never here.")
    ticket = a_ticket(alice, "My money", category="billing")
    page = staff.get(f"{QUEUE}{ticket.pk}/").text
    assert "Refunds" in page
    assert "Passwords" not in page

    sent = {"act": "insert", "text": "Hello Alice,", "canned": str(fitting.pk)}
    inserted = staff.post(f"{QUEUE}{ticket.pk}/", sent)
    assert inserted.context["form"]["text"].value() == "Hello Alice,\n\nOpen the page Billing."
    assert ticket.messages.count() == 1
    nothing = staff.post(f"{QUEUE}{ticket.pk}/", {"act": "insert", "text": "Hello", "canned": "no number"})
    assert nothing.context["form"]["text"].value() == "Hello"


def test_every_button_does_what_it_says(staff: Client, alice: User, carol: User) -> None:
    ticket = a_ticket(alice, "Help")
    page = f"{QUEUE}{ticket.pk}/"
    for act, words, state in [
        ("answer", "Like this.", "waiting"),
        ("close", "", "closed"),
        ("reopen", "", "open"),
        ("answer_and_close", "Done.", "closed"),
    ]:
        assert staff.post(page, {"act": act, "text": words}).status_code == HTTPStatus.FOUND
        ticket.refresh_from_db()
        assert ticket.state == state
    assert set(ticket.messages.filter(author="staff").values_list("by_staff", flat=True)) == {carol.pk}
    staff.post(page, {"act": "move", "category": "restriction"})
    ticket.refresh_from_db()
    assert ticket.category == "restriction"
    assert ticket.due_at

    for mistake in ({"act": "answer", "text": " "}, {"act": "move", "category": "no"}, {"act": "note"}):
        assert staff.post(page, mistake).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    other = a_ticket(alice, "And this")
    staff.post(QUEUE, {"action": "close_chosen", "_selected_action": [str(other.pk)]})
    other.refresh_from_db()
    assert other.state == "closed"


def test_staff_without_the_right_see_no_tickets(alice: User) -> None:
    ticket = a_ticket(alice, "Help")
    sam = make_person("Sam", is_staff=True)
    client = log_in_staff(Client(), sam)
    assert client.get(f"{QUEUE}{ticket.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert client.get(QUEUE).status_code == HTTPStatus.FORBIDDEN
    sam.user_permissions.set(Permission.objects.filter(codename__in=("view_ticket", "change_ticket")))
    assert client.get(f"{QUEUE}{ticket.pk}/").status_code == HTTPStatus.OK


def test_a_mailed_picture_is_shown_to_its_sender_and_to_staff_alone(
    staff: Client, client: Client, alice: User, bob: User
) -> None:
    ticket = a_ticket(alice, "Look")
    key = default_storage.save("support/20260101/00/test.png", ContentFile(b"a picture"))
    row = TicketAttachment.objects.create(
        message=ticket.messages.get(), name="a.png", width=8, height=8, key=key, sha256="0" * 64, bytes=9
    )
    address = f"/support/{ticket.pk}/pictures/{row.pk}/"
    client.force_login(alice)
    sent = client.get(address)
    assert sent.getvalue() == b"a picture"
    assert sent.headers["Content-Type"] == "image/png"
    assert f"{QUEUE}{ticket.pk}/pictures/{row.pk}/" in staff.get(f"{QUEUE}{ticket.pk}/").text
    assert staff.get(f"{QUEUE}{ticket.pk}/pictures/{row.pk}/").status_code == HTTPStatus.OK
    client.force_login(bob)
    mine = a_ticket(bob, "Mine")
    assert client.get(address).status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"/support/{mine.pk}/pictures/{row.pk}/").status_code == HTTPStatus.NOT_FOUND
