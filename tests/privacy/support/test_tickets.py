"""Tickets: written by people and visitors, answered by the operator, read and replied to on the page."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from generation.models import Job
from privacy.data import retention
from privacy.models import Ticket, TicketMessage, TicketNote
from privacy.support import conversation
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import make_job, make_picture

pytestmark = pytest.mark.django_db
WORDS = {
    "email": "dana@example.test",
    "category": "picture",
    "message": "My picture is upside down.",
}


@pytest.fixture
def send(client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    def post(url: str = "/support/", sender: Client = client, **changed: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return sender.post(url, {**WORDS, **changed})

    return post


@pytest.fixture
def staff(carol: User) -> Client:
    return log_in_staff(Client(), carol)


def admin_url(ticket: Ticket) -> str:
    return f"/admin/privacy/ticket/{ticket.pk}/"


def a_visitors_ticket(**fields: Any) -> Ticket:
    ticket = Ticket.objects.create(email="dana@example.test", category="other", **fields)
    TicketMessage.objects.create(ticket=ticket, author="person", text="I can't log in.")
    return ticket


def a_ticket(user: User, **fields: Any) -> Ticket:
    ticket = Ticket.objects.create(**{"user": user, "email": user.email, "category": "other", **fields})
    TicketMessage.objects.create(ticket=ticket, author="person", text="Where is my picture?")
    return ticket


def test_a_question_its_answer_and_the_reply(client: Client, send: Any, alice: User, staff: Client) -> None:
    client.force_login(alice)
    answered = send()
    ticket = Ticket.objects.get(user=alice)
    assert answered.headers["Location"] == f"/support/{ticket.pk}/"
    assert mail.outbox[-1].to == ["operator@localhost"]
    assert "upside down" in mail.outbox[-1].body
    assert f"/admin/privacy/ticket/{ticket.pk}/" in mail.outbox[-1].body
    assert mail.outbox[-1].reply_to == []

    assert "upside down" in staff.get(admin_url(ticket)).text
    send(admin_url(ticket), staff, act="answer", text="Turn it <b>around</b>.")
    assert mail.outbox[-1].to == ["alice@example.test"]
    assert "Turn it <b>around</b>." in mail.outbox[-1].body
    assert f"/support/{ticket.pk}/" in mail.outbox[-1].body
    assert "Please answer on this page" in mail.outbox[-1].body
    page = client.get(f"/support/{ticket.pk}/").text
    assert "Turn it &lt;b&gt;around" in page
    assert "carol" not in page.lower()
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.WAITING

    send(f"/support/{ticket.pk}/", message="It worked.")
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.OPEN
    assert "It worked." in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["operator@localhost"]
    assert [said.author for said in ticket.messages.all()] == ["person", "staff", "person"]
    assert len(mail.outbox) == 3


def test_a_message_of_somebody_without_an_account_reaches_the_operator(send: Any, settings: Settings) -> None:
    settings.OPERATOR_EMAIL = "hello@example.org"

    assert send().status_code == HTTPStatus.FOUND

    assert [each.to for each in mail.outbox] == [["hello@example.org"]]
    assert "upside down" in mail.outbox[0].body
    assert "dana@example.test" in mail.outbox[0].body
    assert Ticket.objects.get().user is None


def test_a_signed_in_person_is_asked_for_no_address(client: Client, send: Any, alice: User) -> None:
    client.force_login(alice)

    page = client.get("/support/").text
    assert 'name="email"' not in page
    assert "alice@example.test" in page
    send(email="victim@example.test")
    assert Ticket.objects.get().email == alice.email


def test_an_answer_is_mailed_to_verified_addresses_alone(send: Any, staff: Client) -> None:
    person = make_person("Eve")
    EmailAddress.objects.filter(user=person).update(verified=False)
    ticket = a_ticket(person)

    assert "they have verified no address" in staff.get(admin_url(ticket)).text
    send(admin_url(ticket), staff, act="answer", text="Hello.")

    assert mail.outbox == []
    assert ticket.messages.get(author="staff").mail_due_at is None


@pytest.mark.parametrize(
    "changed",
    [
        {"email": ""},
        {"email": "x"},
        {"message": ""},
        {"message": "a\x00b"},
        {"message": "x" * 10_001},
        {"category": "spam"},
        {"about": "picture:no-id"},
        {"email": "a@b.example\nBcc: all@example.test"},
    ],
)
def test_a_message_with_a_mistake_is_shown_again(send: Any, changed: dict[str, str]) -> None:
    assert send(**changed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Ticket.objects.exists()


def test_markup_is_shown_as_it_was_typed(client: Client, send: Any, alice: User) -> None:
    client.force_login(alice)
    send(message="<b>bold</b>")

    assert "&lt;b&gt;bold" in client.get(f"/support/{Ticket.objects.get().pk}/").text


def test_whatever_autofill_adds_the_message_arrives(send: Any) -> None:
    assert send(website="https://dana.example", telephone="555 0100").status_code == HTTPStatus.FOUND
    assert Ticket.objects.count() == 1


def test_the_sixth_message_within_an_hour_has_to_wait(send: Any, client: Client, alice: User) -> None:
    assert [send().status_code for _message in range(6)][-1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Ticket.objects.count() == 5
    client.force_login(alice)
    assert send().status_code == HTTPStatus.FOUND


def test_one_network_and_one_typed_address_have_their_limits(send: Any, settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    network = [
        send(
            email=f"person{number}@example.test",
            sender=Client(headers={"x-forwarded-for": f"203.0.113.{number}"}),
        )
        for number in range(1, 22)
    ]
    assert network[19].status_code == HTTPStatus.FOUND
    assert "Many messages came from your network" in network[20].text
    elsewhere = [send(sender=Client(headers={"x-forwarded-for": f"198.51.{n}.1"})) for n in range(6)]
    assert elsewhere[4].status_code == HTTPStatus.FOUND
    assert "Five messages came from this address today" in elsewhere[5].text


def test_the_twenty_first_reply_within_an_hour_has_to_wait(client: Client, send: Any, alice: User) -> None:
    client.force_login(alice)
    ticket = a_ticket(alice)
    answers = [send(f"/support/{ticket.pk}/").status_code for _reply in range(21)]
    assert answers[19:] == [HTTPStatus.FOUND, HTTPStatus.UNPROCESSABLE_ENTITY]
    assert ticket.messages.count() == 21


def test_a_mail_server_that_is_down_loses_nothing(
    send: Any, monkeypatch: pytest.MonkeyPatch, client: Client, alice: User
) -> None:
    from privacy.support import housekeeping

    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise ConnectionRefusedError

    client.force_login(alice)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        assert send().status_code == HTTPStatus.FOUND
    assert TicketMessage.objects.get().mailed_at is None
    housekeeping.sweep()
    assert mail.outbox == []

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        housekeeping.sweep()
        housekeeping.sweep()
    assert len(mail.outbox) == 1
    assert TicketMessage.objects.get().mailed_at


def test_strangers_find_nothing(client: Client, alice: User, bob: User, carol: User, send: Any) -> None:
    ticket = a_ticket(alice)
    visitors = a_visitors_ticket()
    pages = ("", "close/", "delete/", "pictures/1/")
    for stranger in (bob, carol):
        client.force_login(stranger)
        for pk in (ticket.pk, visitors.pk):
            for page in pages:
                for answer in (
                    client.get(f"/support/{pk}/{page}"),
                    client.post(f"/support/{pk}/{page}", WORDS),
                ):
                    assert answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        assert str(ticket.pk) not in client.get("/support/").text
    client.logout()
    for pk in (ticket.pk, visitors.pk):
        for page in pages:
            for answer in (client.get(f"/support/{pk}/{page}"), client.post(f"/support/{pk}/{page}", WORDS)):
                assert answer.status_code in (HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
                assert answer.headers.get("Location", "/accounts/login/").startswith("/accounts/login/")
    assert Ticket.objects.count() == 2
    assert TicketMessage.objects.count() == 2


def test_a_visitor_reads_their_ticket_by_the_link_that_was_mailed(
    send: Any, client: Client, staff: Client
) -> None:
    send()
    ticket = Ticket.objects.get()
    assert client.get(f"/support/{ticket.pk}/").status_code == HTTPStatus.FOUND

    send(admin_url(ticket), staff, act="answer", text="What do you see?")
    assert mail.outbox[-1].to == ["dana@example.test"]
    # Nothing that the visitor typed is sent to an address that they only typed.
    assert "upside down" not in mail.outbox[-1].message().as_string()
    link = re.search(r"http\S+(/support/mail/\S+/)", str(mail.outbox[-1].body))
    assert link is not None
    ticket.refresh_from_db()
    assert ticket.address_proved_at is None

    opened = client.get(link[1])
    assert opened.headers["Location"] == f"/support/{ticket.pk}/"
    assert Ticket.objects.get().address_proved_at
    assert "What do you see?" in client.get(f"/support/{ticket.pk}/").text
    send(f"/support/{ticket.pk}/", message="A boat.")
    assert "A boat." in staff.get(admin_url(ticket)).text
    assert Client().get(f"/support/{ticket.pk}/").status_code == HTTPStatus.FOUND
    send(f"/support/{ticket.pk}/delete/")
    assert not Ticket.objects.exists()
    assert Client().get(link[1]).status_code == HTTPStatus.NOT_FOUND


def test_a_secret_link_ends_after_180_days_and_cannot_be_made_up(alice: User) -> None:
    from privacy.support import links

    ticket, mine = a_visitors_ticket(), a_ticket(alice)
    secret = links.of(ticket).split("/")[-2]
    assert links.named_by(secret) == ticket
    assert links.named_by(secret[:-2] + "AA") is None
    assert links.named_by(ticket.pk.hex) is None
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        assert links.named_by(secret) is None
    # A person with an account logs in.
    assert "/support/mail/" not in links.of(mine)


def test_a_picture_and_a_job_of_ones_own_can_be_attached(
    client: Client, send: Any, alice: User, bob: User, staff: Client
) -> None:
    mine, theirs = make_picture(alice), make_picture(bob)
    job = make_job(alice, Job.State.FAILED)
    client.force_login(alice)

    page = client.get("/support/").text
    assert f'value="picture:{mine.pk}"' in page
    assert f'value="job:{job.pk}"' in page
    assert str(theirs.pk) not in page
    assert f'value="picture:{mine.pk}" checked' in client.get(f"/support/?about=picture:{mine.pk}").text
    refused = send(about=f"picture:{theirs.pk}")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "in your history any more" in refused.text

    send(about=f"picture:{mine.pk}")
    ticket = Ticket.objects.get()
    assert ticket.picture == mine
    assert f"/pictures/{mine.pk}/" in client.get(f"/support/{ticket.pk}/").text
    shown = staff.get(admin_url(ticket)).text
    assert f"/admin/generation/picture/{mine.pk}/open/" in shown
    assert "<img" not in shown.partition('id="content"')[2]
    send(about=f"job:{job.pk}")
    assert Ticket.objects.filter(job=job).exists()
    mine.delete()
    assert client.get(f"/support/{ticket.pk}/").status_code == HTTPStatus.OK


def test_private_notes_never_leave(
    client: Client, send: Any, alice: User, staff: Client, carol: User
) -> None:
    client.force_login(alice)
    send()
    ticket = Ticket.objects.get()
    send(admin_url(ticket), staff, act="note", text="only-staff-may-read-this")
    send(admin_url(ticket), staff, act="answer", text="We look into it.")
    send(f"/support/{ticket.pk}/", message="Thanks.")
    conversation.note(ticket=ticket, by=carol, text="only-staff-may-read-this either")

    assert "only-staff-may-read-this" in staff.get(admin_url(ticket)).text
    for page in ("/support/", f"/support/{ticket.pk}/", f"/support/{ticket.pk}/delete/"):
        assert "only-staff" not in client.get(page).text
    for each in mail.outbox:
        assert "only-staff" not in each.message().as_string()
    assert TicketNote.objects.count() == 2
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.OPEN


def test_its_owner_closes_and_deletes_a_ticket(client: Client, send: Any, alice: User) -> None:
    client.force_login(alice)
    ticket = a_ticket(alice)
    send(f"/support/{ticket.pk}/close/")
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.CLOSED
    send(f"/support/{ticket.pk}/", message="It is back.")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_at) == (Ticket.State.OPEN, None)

    assert "Delete this ticket?" in client.get(f"/support/{ticket.pk}/delete/").text
    assert Ticket.objects.exists()
    send(f"/support/{ticket.pk}/delete/")
    assert not Ticket.objects.exists()
    assert not TicketMessage.objects.exists()


def test_tickets_without_an_account_go_a_year_after_they_were_closed(alice: User) -> None:
    long_ago = timezone.now() - timedelta(days=366)
    closed = {"state": "closed", "closed_at": long_ago}
    gone = a_visitors_ticket(**closed)
    stays = {a_visitors_ticket().pk, a_ticket(alice, **closed).pk}

    assert retention.sweep() == 1
    assert set(Ticket.objects.values_list("pk", flat=True)) == stays
    assert not TicketMessage.objects.filter(ticket_id=gone.pk).exists()
