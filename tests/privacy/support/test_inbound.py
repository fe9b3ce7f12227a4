"""Replies by mail, with a real IMAP server: the token decides, each mail is taken once, and none is lost."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from generation.files import sweeping
from generation.models import StorageDeletion
from privacy.models import Mailbox, PolicyVersion, Ticket, TicketAttachment
from privacy.support import conversation, links
from privacy.support.inbound import imap, poll
from tests.factories import make_person
from tests.generation.files.conftest import local_storage
from tests.privacy.support.polled import STEPS
from tests.services.dovecot import Dovecot
from tests.services.processes import quiet_environment

__all__ = ["local_storage"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(dovecot: Dovecot, settings: Settings, local_storage: Path) -> Dovecot:
    settings.SUPPORT_IMAP_URL = dovecot.url
    settings.SUPPORT_REPLY_ADDRESS = "support+{token}@example.test"
    return dovecot


@pytest.fixture
def read(box: Dovecot, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    def run() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return poll.read()

    return run


@pytest.fixture
def ticket(alice: User) -> Ticket:
    ticket = Ticket.objects.create(user=alice, email=alice.email, category="fault")
    conversation.reply(ticket=ticket, text="Nothing happens.")
    return ticket


@pytest.fixture
def pictures_allowed(alice: User) -> None:
    PolicyVersion.objects.update(covers=4)


def a_mail(ticket: Ticket | None, text: str = "It works now.", **headers: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = headers.pop("From", "Somebody <somebody@elsewhere.example>")
    letter["To"] = headers.pop("To", links.reply_address(ticket) if ticket else "support@example.test")
    letter["Subject"] = headers.pop("Subject", "Re: Our answer")
    if name := headers.pop("Message_ID", "<first@elsewhere.example>"):
        letter["Message-ID"] = name
    for header, value in headers.items():
        letter[header.replace("_", "-")] = value
    letter.set_content(text)
    return letter


def a_png(side: int = 16) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(content, "PNG")
    return content.getvalue()


def test_a_reply_goes_to_the_ticket_that_its_token_names(
    box: Dovecot, read: Any, ticket: Ticket, carol: User, bob: User
) -> None:
    conversation.answer(ticket=ticket, by=carol, text="Press the button.")
    theirs = Ticket.objects.create(user=bob, email=bob.email, category="other")
    # Whoever From names: neither the sender's own tickets nor their account have a say.
    box.deliver(a_mail(ticket, From="Bob <bob@example.test>").as_bytes())

    assert read() == 1
    said = ticket.messages.last()
    assert said is not None
    assert (said.text, said.author, said.via) == ("It works now.", "person", "mail")
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.OPEN
    assert not theirs.messages.exists()
    assert box.mails() == []
    assert box.mails("Not taken") == []
    assert mail.outbox[-1].to == ["operator@localhost"]
    assert "It works now." in mail.outbox[-1].body
    assert Mailbox.objects.get().read_at


def test_answers_carry_the_address_for_replies(box: Dovecot, read: Any, ticket: Ticket, carol: User) -> None:
    conversation.answer(ticket=ticket, by=carol, text="Press the button.")
    read()
    from privacy.support import mailing

    mailing.send_due()
    answer = next(each for each in mail.outbox if each.to == ["alice@example.test"])
    assert answer.reply_to == [links.reply_address(ticket)]
    assert "Reply to this mail" in answer.body
    reply = a_mail(
        None, f"Thanks!\n\nOn Monday, Image 2 wrote:\n> {answer.body.replace(chr(10), chr(10) + '> ')}"
    )
    del reply["To"]
    reply["To"] = answer.reply_to[0].upper()
    box.deliver(reply.as_bytes())
    assert read() == 1
    said = ticket.messages.last()
    assert said is not None
    assert said.text == "Thanks!"


def test_the_same_mail_twice_is_one_message(box: Dovecot, read: Any, ticket: Ticket) -> None:
    for _delivery in range(2):
        box.deliver(a_mail(ticket).as_bytes())
    assert read() == 2
    box.deliver(a_mail(ticket).as_bytes())
    box.deliver(a_mail(ticket, "Another one.", Message_ID="<second@elsewhere.example>").as_bytes())
    assert read() == 2
    assert [said.text for said in ticket.messages.filter(via="mail")] == ["It works now.", "Another one."]
    for _delivery in range(2):
        box.deliver(a_mail(ticket, "Nameless.", Message_ID="").as_bytes())
    read()
    assert ticket.messages.filter(text="Nameless.").count() == 1
    assert box.mails() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All"},
        {"From": "MAILER-DAEMON@mx.example"},
    ],
)
def test_mails_of_machines_wait_in_the_other_folder(
    box: Dovecot, read: Any, ticket: Ticket, headers: dict[str, str]
) -> None:
    before = ticket.messages.count()
    box.deliver(a_mail(ticket, **headers).as_bytes())
    assert read() == 1
    assert ticket.messages.count() == before
    assert box.mails() == []
    assert len(box.mails("Not taken")) == 1
    assert all(each.to == ["operator@localhost"] for each in mail.outbox)


def test_an_unknown_token_opens_nothing(box: Dovecot, read: Any, ticket: Ticket) -> None:
    gone = a_mail(ticket, To="support+abcdefghijkmnpqrstuvwxyz23@example.test")
    box.deliver(gone.as_bytes())
    read()
    assert Ticket.objects.count() == 1
    assert len(box.mails("Not taken")) == 1


def test_a_picture_is_taken_through_the_ingest_and_other_files_get_a_sentence(
    box: Dovecot, read: Any, ticket: Ticket, pictures_allowed: None
) -> None:
    letter = a_mail(ticket, "See the picture.")
    letter.add_attachment(a_png(), maintype="image", subtype="png", filename="screen.png")
    letter.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="invoice.pdf")
    letter.add_attachment(b"not a picture", maintype="image", subtype="png", filename="broken.png")
    box.deliver(letter.as_bytes())
    read()

    (row,) = TicketAttachment.objects.all()
    assert (row.name, row.width, row.height) == ("screen.png", 16, 16)
    with default_storage.open(row.key) as stored:
        assert Image.open(stored).size == (16, 16)
    said = ticket.messages.get(via="mail")
    first, second = said.not_taken.splitlines()
    assert first.startswith("“invoice.pdf” wasn't taken. ")
    assert second.startswith("“broken.png” wasn't taken. This file is not a picture")
    notice = next(each for each in mail.outbox if each.to == ["alice@example.test"])
    assert "invoice.pdf" in notice.body
    assert notice.extra_headers["Auto-Submitted"] == "auto-generated"

    # The object is published while its row is there, and in the outbox once the ticket is deleted.
    assert sweeping.sweep_everything() == 0
    conversation.delete(tickets=Ticket.objects.filter(pk=ticket.pk))
    assert list(StorageDeletion.objects.values_list("key", flat=True)) == [row.key]
    assert sweeping.delete_due() == 1
    assert not default_storage.exists(row.key)


def test_no_picture_is_kept_before_the_policy_names_them(box: Dovecot, read: Any, ticket: Ticket) -> None:
    PolicyVersion.objects.update(covers=3)
    letter = a_mail(ticket)
    letter.add_attachment(a_png(), maintype="image", subtype="png", filename="screen.png")
    box.deliver(letter.as_bytes())
    read()
    assert not TicketAttachment.objects.exists()
    assert "aren't accepted here yet" in ticket.messages.get(via="mail").not_taken


def test_more_pictures_than_allowed_get_a_sentence(
    box: Dovecot, read: Any, ticket: Ticket, pictures_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy.support.attachments.MOST", 2)
    letter = a_mail(ticket)
    for number in range(3):
        letter.add_attachment(a_png(8), maintype="image", subtype="png", filename=f"{number}.png")
    box.deliver(letter.as_bytes())
    read()
    assert TicketAttachment.objects.count() == 2
    assert "“2.png” wasn't taken" in ticket.messages.get(via="mail").not_taken


def test_a_mail_that_is_too_large_is_not_read(
    box: Dovecot, read: Any, ticket: Ticket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SUPPORT_MAIL_MAX_BYTES = 2000
    monkeypatch.setattr(imap.Session, "whole", lambda *_any: pytest.fail("it was fetched"))
    box.deliver(a_mail(ticket, "x" * 3000).as_bytes())
    box.deliver(a_mail(None, "x" * 3000, Message_ID="<stranger@elsewhere.example>").as_bytes())
    assert read() == 2
    said = ticket.messages.get(via="mail")
    assert said.text == ""
    assert "at most 2.0" in said.not_taken
    assert len([each for each in mail.outbox if each.to == ["alice@example.test"]]) == 1
    assert Ticket.objects.count() == 1
    assert len(box.mails("Not taken")) == 2


def test_an_automatic_mail_goes_out_once_an_hour_and_never_to_an_address_that_proved_nothing(
    box: Dovecot, read: Any, ticket: Ticket, settings: Settings
) -> None:
    visitors = Ticket.objects.create(email="dana@example.test", category="other")
    settings.SUPPORT_MAIL_MAX_BYTES = 2000
    from privacy.support import mailing

    assert not mailing.say_not_taken(visitors, ["No."])
    assert mail.outbox == []
    for number in range(3):
        box.deliver(a_mail(ticket, "x" * 3000, Message_ID=f"<{number}@elsewhere.example>").as_bytes())
    read()
    assert len([each for each in mail.outbox if each.to == ["alice@example.test"]]) == 1


def test_a_visitors_reply_proves_their_address(box: Dovecot, read: Any) -> None:
    visitors = Ticket.objects.create(email="dana@example.test", category="other")
    box.deliver(a_mail(visitors).as_bytes())
    read()
    visitors.refresh_from_db()
    assert visitors.address_proved_at


def test_a_mail_without_a_token_opens_a_visitors_ticket_and_gets_no_answer_by_itself(
    box: Dovecot, read: Any, alice: User
) -> None:
    letter = a_mail(None, "I can't log in.", From="Alice <alice@example.test>", Subject="Log-in")
    letter.add_attachment(a_png(), maintype="image", subtype="png", filename="screen.png")
    box.deliver(letter.as_bytes())
    read()
    opened = Ticket.objects.get()
    # Anybody can write her address into From.
    assert opened.user is None
    assert opened.email == "alice@example.test"
    assert opened.messages.get().text == "Log-in\n\nI can't log in."
    assert "in replies to our answers only" in opened.messages.get().not_taken
    assert [each.to for each in mail.outbox] == [["operator@localhost"]]
    for number in range(6):
        again = a_mail(None, From="alice@example.test", Message_ID=f"<{number}@elsewhere.example>")
        box.deliver(again.as_bytes())
    read()
    assert Ticket.objects.count() == 5
    assert len(box.mails("Not taken")) == 2


@pytest.mark.long
def test_a_poll_that_is_killed_at_any_step_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.privacy.support.polled", str(dovecot.port)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=quiet_environment(
            DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}",
            IMAGE2_HOME=str(tmp_path / "home"),
            SUPPORT_IMAP_URL=dovecot.url,
            SUPPORT_REPLY_ADDRESS="support+{token}@example.test",
        ),
    )
    assert done.returncode == 0, done.stderr[-4000:]
    after: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    of_a_machine = {"before it is moved aside", "moved aside"}
    for step in STEPS:
        taken = ([], 0) if step in of_a_machine else ([step], 1)
        assert after[step] == [signal.SIGKILL, *taken, 0], step
    assert (after["left over"], after["lost"]) == ([], [])
    assert after["mails known"] == len(STEPS) - len(of_a_machine)
    assert after["aside"] == len(of_a_machine)


def test_one_worker_at_a_time_reads_the_mailbox(box: Dovecot, read: Any, ticket: Ticket) -> None:
    held = poll._claim()
    assert held is not None
    box.deliver(a_mail(ticket).as_bytes())
    assert read() == 0
    assert len(box.mails()) == 1
    Mailbox.objects.update(lease_until=None)
    assert read() == 1


def test_storage_that_is_down_leaves_the_mail_where_it_is(
    box: Dovecot, read: Any, ticket: Ticket, pictures_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from image2.lib.storage.errors import StorageUnavailable

    def refuse(*_any: Any, **_more: Any) -> None:
        raise StorageUnavailable("down")

    letter = a_mail(ticket)
    letter.add_attachment(a_png(), maintype="image", subtype="png", filename="screen.png")
    box.deliver(letter.as_bytes())
    box.deliver(a_mail(ticket, "No picture.", Message_ID="<second@elsewhere.example>").as_bytes())
    with monkeypatch.context() as patched:
        patched.setattr("generation.files.storing.store", refuse)
        assert read() == 1
    assert [said.text for said in ticket.messages.filter(via="mail")] == ["No picture."]
    assert len(box.mails()) == 1
    assert read() == 1
    assert TicketAttachment.objects.count() == 1


def test_a_server_that_is_down_or_refuses_is_asked_again_later(
    box: Dovecot, read: Any, ticket: Ticket, settings: Settings
) -> None:
    box.deliver(a_mail(ticket).as_bytes())
    for wrong in (
        "imap://support%40example.test:wrong@127.0.0.1:1/INBOX",
        box.url.replace("/INBOX", "/No%20such%20folder"),
    ):
        settings.SUPPORT_IMAP_URL = wrong
        assert read() == 0
    settings.SUPPORT_IMAP_URL = box.url
    assert read() == 1


def test_a_flood_of_replies_waits_in_the_other_folder(box: Dovecot, read: Any, ticket: Ticket) -> None:
    for number in range(22):
        box.deliver(
            a_mail(ticket, f"Message {number}", Message_ID=f"<{number}@elsewhere.example>").as_bytes()
        )
    assert read() == 22
    assert ticket.messages.filter(via="mail").count() == 20
    assert len(box.mails("Not taken")) == 2


def test_a_person_without_a_verified_address_gets_no_mail(box: Dovecot, read: Any) -> None:
    person = make_person("Eve")
    EmailAddress.objects.filter(user=person).update(verified=False)
    ticket = Ticket.objects.create(user=person, email=person.email, category="other")
    letter = a_mail(ticket)
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    box.deliver(letter.as_bytes())
    read()
    assert all(each.to == ["operator@localhost"] for each in mail.outbox)


def test_half_of_the_settings_is_a_mistake_that_stops_the_start(settings: Settings) -> None:
    for address, url, mistake in [
        ("support+{token}@example.test", "", "E001"),
        ("", "imaps://a:b@mail.example.test", "E001"),
        ("support@example.test", "imaps://a:b@mail.example.test", "E002"),
        ("support@{token}.example.test", "imaps://a:b@mail.example.test", "E002"),
        ("support+{token}@example.test", "imap://a:b@mail.example.test", "E003"),
    ]:
        settings.SUPPORT_REPLY_ADDRESS, settings.SUPPORT_IMAP_URL = address, url
        with pytest.raises(SystemCheckError, match=f"privacy.{mistake}"):
            call_command("check")
    settings.SUPPORT_REPLY_ADDRESS = settings.SUPPORT_IMAP_URL = ""
    call_command("check")
    assert poll.read() == 0
