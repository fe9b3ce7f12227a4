"""Writing to support: kept where the writer sees it, mailed to the operator, harmless to everybody else."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from privacy.data import retention
from privacy.models import SupportMessage
from tests.factories import log_in_staff

pytestmark = pytest.mark.django_db
WORDS = {
    "email": "dana@example.test",
    "topic": "picture",
    "message": "My picture is upside down.",
}


@pytest.fixture
def send(client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    def post(**changed: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/support/", {**WORDS, **changed})

    return post


def test_a_message_of_somebody_without_an_account_reaches_the_operator(send: Any, settings: Settings) -> None:
    settings.OPERATOR_EMAIL = "hello@example.org"

    assert send().status_code == HTTPStatus.FOUND

    assert mail.outbox[0].to == ["hello@example.org"]
    assert mail.outbox[0].reply_to == ["dana@example.test"]
    assert "upside down" in mail.outbox[0].body
    assert SupportMessage.objects.get().user is None


def test_a_person_sees_what_they_wrote_and_a_stranger_does_not(
    client: Client, send: Any, alice: User, bob: User
) -> None:
    client.force_login(alice)
    send()
    row = SupportMessage.objects.get(user=alice)

    assert f"/support/{row.pk}/" in client.get("/support/").text
    assert "upside down" in client.get(f"/support/{row.pk}/").text

    client.force_login(bob)
    assert str(row.pk) not in client.get("/support/").text
    assert client.get(f"/support/{row.pk}/").status_code == HTTPStatus.NOT_FOUND


def test_the_address_of_a_signed_in_person_is_filled_in(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert 'value="alice@example.test"' in client.get("/support/").text


@pytest.mark.parametrize(
    "changed",
    [
        {"email": ""},
        {"email": "x"},
        {"message": ""},
        {"message": "a\x00b"},
        {"message": "x" * 5001},
        {"topic": "spam"},
    ],
)
def test_a_message_with_a_mistake_is_shown_again(send: Any, changed: dict[str, str]) -> None:
    assert send(**changed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not SupportMessage.objects.exists()


def test_a_header_cannot_be_smuggled_into_the_mail(send: Any) -> None:
    assert send(email="a@b.example\nBcc: all@example.test").status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_markup_is_shown_as_it_was_typed(client: Client, send: Any, alice: User) -> None:
    client.force_login(alice)
    send(message="<b>bold</b>")

    assert "&lt;b&gt;bold" in client.get(f"/support/{SupportMessage.objects.get().pk}/").text


def test_whatever_autofill_adds_the_message_arrives(send: Any) -> None:
    assert send(website="https://dana.example", telephone="555 0100").status_code == HTTPStatus.FOUND
    assert SupportMessage.objects.count() == 1


def test_the_sixth_message_within_an_hour_has_to_wait(send: Any) -> None:
    assert [send().status_code for _message in range(6)][-1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert SupportMessage.objects.count() == 5


def test_a_mail_server_that_is_down_loses_nothing(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)

    assert send().status_code == HTTPStatus.FOUND
    assert SupportMessage.objects.count() == 1


def test_messages_without_an_account_go_a_year_after_the_answer(alice: User) -> None:
    long_ago = timezone.now() - timedelta(days=366)
    for user, closed_at in ((None, long_ago), (None, None), (alice, long_ago)):
        SupportMessage.objects.create(
            user=user, email="dana@example.test", topic="other", message="x", closed_at=closed_at
        )

    assert retention.sweep() == 1
    assert SupportMessage.objects.count() == 2


def test_the_operator_marks_a_message_as_answered(client: Client, carol: User) -> None:
    row = SupportMessage.objects.create(email="dana@example.test", topic="other", message="x")
    log_in_staff(client, carol)

    client.post(
        "/admin/privacy/supportmessage/", {"action": "mark_answered", "_selected_action": [str(row.pk)]}
    )

    row.refresh_from_db()
    assert row.closed_at
