"""Deleting an account: closed at once, reopened by the link in the mail, erased when the time is over."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts import mail
from accounts.models import StaffAccess, User
from billing import ledger
from generation.files import storing
from generation.jobs import submission
from generation.models import Job, Picture
from image2.lib.ids import new_id
from privacy.erasure import housekeeping, ordering, tombstones, working
from privacy.export import queue
from privacy.models import Erasure, Export
from tests.factories import PASSWORD
from tests.generation.files.conftest import NewPicture, local_storage, new_picture
from tests.generation.web.makers import a_request, make_job
from tests.privacy import erasing

__all__ = ["local_storage", "new_picture"]

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/account/delete/"
UNDERSTOOD = {"understood": "on"}


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    """Signed in, and not asked for the password lately."""
    client.force_login(alice)
    return client


def confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def log_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == HTTPStatus.OK


# --- the whole way by its pages --------------------------------------------------------------------------


def test_an_account_is_closed_reopened_closed_again_and_erased(
    hers: Client, alice: User, bob: User, local_storage: Path, new_picture: NewPicture
) -> None:
    key = storing_key(new_picture(alice))
    theirs = storing_key(new_picture(bob))
    elsewhere = log_in(alice)
    assert is_in(elsewhere)
    page = hers.get(PAGE).text
    assert "What is deleted" in page
    assert "What stays, and why" in page

    asked_who = hers.post(PAGE, UNDERSTOOD)
    assert asked_who.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not Erasure.objects.exists()
    after = hers.post(asked_who.headers["Location"], {"password": PASSWORD, "next": PAGE})
    assert after.headers["Location"] == "/account/closed/"
    assert "Your account is closed" in hers.get("/account/closed/").text

    # Closed: nobody is in, nobody gets in.
    assert not is_in(hers)
    assert not is_in(elsewhere)
    assert not is_in(log_in(alice))
    housekeeping.sweep()
    housekeeping.sweep()
    assert [sent.subject for sent in outbox.outbox] == ["Your account is closed and will be deleted"]

    # A program that scans mails opens the link: nothing happens. Then its reader presses the button.
    link = erasing.link_of_last_mail()
    anonymous = Client()
    looked = anonymous.get(link)
    assert "Reopen your account?" in looked.text
    # With none at all, browsers would send the form with the origin "null", which is refused.
    assert looked.headers["Referrer-Policy"] == "same-origin"
    assert not is_in(log_in(alice))
    assert anonymous.post(link).headers["Location"] == "/accounts/login/"
    assert not is_in(anonymous), "the link lets nobody in"
    assert is_in(log_in(alice))
    assert anonymous.get(link).status_code == HTTPStatus.GONE
    assert anonymous.post(link).status_code == HTTPStatus.GONE

    # Again, and this time nobody comes back.
    again = log_in(alice)
    confirm(again)
    again.post(PAGE, UNDERSTOOD)
    erasure = Erasure.objects.get(state=Erasure.State.CLOSED)
    housekeeping.sweep()
    last = erasing.link_of_last_mail()
    assert last != link
    erasing.finish(erasure)
    assert not User.objects.filter(pk=alice.pk).exists()
    assert not default_storage.exists(key)
    assert default_storage.exists(theirs)
    assert Client().post(last).status_code == HTTPStatus.GONE
    assert outbox.outbox[-1].subject == "Your account was deleted"
    assert outbox.outbox[-1].to == [alice.email]


def storing_key(picture: Picture) -> str:
    return picture.files.get(role="master").key


def test_nothing_is_closed_without_the_tick(hers: Client, alice: User) -> None:
    confirm(hers)
    answer = hers.post(PAGE)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Tick this box to delete the account." in answer.text
    assert not Erasure.objects.exists()


def test_the_page_counts_what_goes_and_names_what_stays(
    hers: Client, alice: User, local_storage: Path, new_picture: NewPicture
) -> None:
    new_picture(alice)
    ledger.grant(user=alice, amount=1234, source="promo", source_ref="x")
    page = hers.get(PAGE).text
    assert "1,234" in page
    assert "until ten years after its last line, as tax law asks" in page
    assert "Picture: " in page


def test_staff_hand_over_their_rights_first(client: Client, carol: User) -> None:
    client.force_login(carol)
    assert "You are a member of staff." in client.get(PAGE).text
    with pytest.raises(ordering.IsStaff):
        ordering.order(carol)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("token", ["x", "eyJ:abc:def", "a" * 300])
def test_a_link_that_is_none_of_ours_does_nothing(client: Client, db: None, token: str) -> None:
    for answer in (client.get(f"/account/reopen/{token}/"), client.post(f"/account/reopen/{token}/")):
        assert answer.status_code == HTTPStatus.GONE
        assert "This link no longer works" in answer.text


def test_the_link_ends_with_the_time_to_reopen(alice: User) -> None:
    erasure = erasing.order(alice)
    link = erasing.link_of_last_mail()
    erasing.let_time_pass(erasure)
    assert Client().get(link).status_code == HTTPStatus.GONE
    assert Client().post(link).status_code == HTTPStatus.GONE
    alice.refresh_from_db()
    assert not alice.is_active


def test_two_tabs_close_one_account_once(alice: User) -> None:
    assert ordering.order(alice).pk == ordering.order(alice).pk
    assert Erasure.objects.count() == 1


# --- while it is closed ----------------------------------------------------------------------------------


def test_a_closed_account_has_nothing_running(alice: User, local_storage: Path) -> None:
    ledger.grant(user=alice, amount=100, source="promo", source_ref="x")
    before = ledger.balance(alice).available
    waiting = submission.submit(user=alice, request=a_request(), idempotency_key=str(new_id()))
    running = make_job(alice, Job.State.RUNNING)
    copy = queue.start(alice)
    erasing.order(alice)
    for row in (waiting, running, copy):
        row.refresh_from_db()
    assert waiting.state == Job.State.CANCELLED
    assert running.cancel_requested_at is not None
    assert copy.state == Export.State.CANCELLED
    assert ledger.balance(alice).available == before

    # What a request under way submitted a moment later.
    late = submission.submit(user=alice, request=a_request(), idempotency_key=str(new_id()))
    housekeeping.sweep()
    late.refresh_from_db()
    assert late.state == Job.State.CANCELLED


def test_only_necessary_mails_go_to_a_closed_account(alice: User) -> None:
    erasing.order(alice)
    alice.refresh_from_db()
    sent = len(outbox.outbox)
    assert not mail.write_to(alice, name="plans_at_once", subject="Two plans", context={})
    assert len(outbox.outbox) == sent


def test_a_mail_that_cannot_be_sent_is_sent_later(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "write_to", lambda *_args, **_more: False)
    erasure = erasing.order(alice)
    assert erasure.mailed_at is None
    monkeypatch.undo()
    # The mail server came back after twenty days: the time to come back begins with the mail.
    before = timezone.now()
    Erasure.objects.update(
        not_before=before - timedelta(seconds=1), ordered_at=before - timedelta(days=20), due_at=before
    )
    housekeeping.sweep()
    sent = Erasure.objects.get()
    assert sent.state == Erasure.State.CLOSED
    assert sent.mailed_at is not None
    assert sent.due_at >= before + timedelta(days=14)
    assert erasing.link_of_last_mail()


def test_nothing_is_erased_before_its_day(alice: User) -> None:
    erasure = erasing.order(alice)
    assert timedelta(days=13, hours=23) < erasure.due_at - timezone.now() <= timedelta(days=14)
    assert not working.work()
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_running_job_is_waited_for(alice: User) -> None:
    erasure = erasing.order(alice)
    job = make_job(alice, Job.State.RUNNING)
    erasing.let_time_pass(erasure)
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.CLOSED
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.CANCELLED, lease_until=None, finished_at=timezone.now()
    )
    erasing.finish(erasure)
    assert not User.objects.filter(pk=alice.pk).exists()


def test_a_legal_hold_keeps_everything_and_nobody_is_told(alice: User) -> None:
    access = StaffAccess.objects.create(
        person=alice, picture_id=new_id(), ground="law", held_because="Order 7 of the court"
    )
    erasure = erasing.order(alice)
    erasing.let_time_pass(erasure)
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.CLOSED
    assert not any("court" in str(sent.body) for sent in outbox.outbox)

    # Lifted: the person is told of the access first, then erased.
    StaffAccess.objects.filter(pk=access.pk).update(lifted_at=timezone.now())
    Erasure.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.CLOSED
    StaffAccess.objects.filter(pk=access.pk).update(notified_at=timezone.now())
    erasing.finish(erasure)
    assert not User.objects.filter(pk=alice.pk).exists()


# --- the end ---------------------------------------------------------------------------------------------


def test_the_receipt_has_hashes_and_no_person(
    alice: User, local_storage: Path, new_picture: NewPicture
) -> None:
    new_picture(alice)
    account, address, name = alice.pk, alice.email, alice.name
    erasure = erasing.erase(alice)

    with storing.opened(f"{tombstones.FOLDER}/{erasure.account_hash}.{erasure.pk.hex}.receipt.json") as file:
        content = file.read()
    record = json.loads(content)
    assert record["account"] == hashlib.sha256(b"image2 account " + account.bytes).hexdigest()
    assert record["rows"]["generation.Picture"] == 1
    assert record["rows"]["generation.File"] == 4
    assert record["rows"]["accounts.User"] == 1
    digest = hashlib.sha256(content).hexdigest()
    assert erasure.receipt_sha256 == digest
    for text in (address, name, str(account), account.hex):
        assert text.encode() not in content
    body = str(outbox.outbox[-1].body)
    assert digest in body
    assert content.decode() in body
    assert (erasure.address, erasure.user) == ("", None)


def test_the_receipt_waits_until_the_objects_are_gone(
    alice: User, local_storage: Path, new_picture: NewPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = storing_key(new_picture(alice))
    erasure = erasing.order(alice)
    erasing.let_time_pass(erasure)
    housekeeping.sweep()
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    assert erasure.receipt_sent_at is None
    assert default_storage.exists(key)
    erasing.finish(erasure)
    assert not default_storage.exists(key)


def test_an_address_is_kept_for_a_week_at_most(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    erasure = erasing.order(alice)
    monkeypatch.setattr("image2.lib.mail.messages.send_letter", lambda *_args: False)
    erasing.let_time_pass(erasure)
    for _turn in range(3):
        housekeeping.sweep()
    erasure.refresh_from_db()
    assert (erasure.state, erasure.address) == (Erasure.State.DONE, alice.email)
    Erasure.objects.update(finished_at=timezone.now() - timedelta(days=7, hours=1))
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.address == ""


def test_storage_that_does_not_answer_costs_time_and_nothing_is_erased(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = erasing.order(alice)

    def silent(_hash: str) -> None:
        raise storing.StorageUnavailable("no")

    monkeypatch.setattr(tombstones, "write", silent)
    erasing.let_time_pass(erasure)
    housekeeping.sweep()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.ERASING
    assert User.objects.filter(pk=alice.pk).exists()
    monkeypatch.undo()
    erasing.finish(erasure)
    assert not User.objects.filter(pk=alice.pk).exists()
