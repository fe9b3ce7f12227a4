"""Signing up: name, address, password, policy, code."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import PolicyAcceptance, User
from privacy import policies
from privacy.models import PolicyVersion
from tests.accounts.mails import code_in

pytestmark = pytest.mark.django_db
SIGN_UP, CONFIRM = "/accounts/signup/", "/accounts/confirm-email/"


def answers(**changed: str) -> dict[str, str]:
    return {
        "name": "Dana",
        "email": "dana@example.test",
        "password1": "a sea of green bottles",
        "policy": "on",
        "policy_version": policies.current_version(),
        "telephone": "",
        **changed,
    }


def errors_of(response: Any) -> set[str]:
    return set(response.context["form"].errors)


def test_a_person_signs_up_and_confirms_with_the_code_from_the_mail(client: Client) -> None:
    assert client.post(SIGN_UP, answers()).headers["Location"] == CONFIRM
    assert mail.outbox[0].to == ["dana@example.test"]

    response = client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert response.status_code == HTTPStatus.FOUND
    user = User.objects.get(email="dana@example.test")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.name == "Dana"
    assert EmailAddress.objects.get(user=user).verified


def test_what_was_accepted_is_kept_with_version_time_and_a_shortened_address(client: Client) -> None:
    client.post(SIGN_UP, answers(), REMOTE_ADDR="203.0.113.77")

    acceptance = PolicyAcceptance.objects.get(user__email="dana@example.test")
    assert acceptance.version == policies.current_version()
    assert acceptance.ip == "203.0.113.0"
    assert timezone.now() - acceptance.accepted_at < timedelta(minutes=1)


def test_before_the_code_nobody_is_signed_in(client: Client) -> None:
    client.post(SIGN_UP, answers())

    assert "_auth_user_id" not in client.session
    assert client.get("/account/").headers["Location"].startswith("/accounts/login/")


def test_a_wrong_code_says_so_and_another_try_works(client: Client) -> None:
    client.post(SIGN_UP, answers())

    response = client.post(CONFIRM, {"code": "XXXX-XXXX"})
    assert "This code is not right" in response.text

    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("code", ["", "\x00", "😀😀😀😀", "A" * 5000])
def test_a_strange_code_is_a_form_error(client: Client, code: str) -> None:
    client.post(SIGN_UP, answers())

    response = client.post(CONFIRM, {"code": code})

    assert response.status_code == HTTPStatus.OK
    assert "code" in response.context["verify_form"].errors


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(client: Client) -> None:
    client.post(SIGN_UP, answers())
    for _attempt in range(5):
        client.post(CONFIRM, {"code": "XXXX-XXXX"})

    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert "_auth_user_id" not in client.session


def test_a_code_is_good_for_ten_minutes(client: Client) -> None:
    client.post(SIGN_UP, answers())

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert "_auth_user_id" not in client.session


def test_a_new_code_makes_the_old_one_useless(client: Client) -> None:
    client.post(SIGN_UP, answers())
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        client.post(CONFIRM, {"action": "resend"})
        client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
        assert "_auth_user_id" not in client.session

        client.post(CONFIRM, {"code": code_in(mail.outbox[1])})
        assert "_auth_user_id" in client.session


def test_the_address_is_kept_in_lower_case(client: Client) -> None:
    client.post(SIGN_UP, answers(email="Dana@Example.TEST"))

    assert User.objects.get().email == "dana@example.test"
    assert EmailAddress.objects.get().email == "dana@example.test"


@pytest.mark.parametrize("again", ["alice@example.test", "ALICE@example.test"])
def test_an_address_with_an_account_looks_the_same_on_the_page_and_hears_the_truth_by_mail(
    client: Client, alice: User, again: str
) -> None:
    known = client.post(SIGN_UP, answers(email=again), follow=True)
    unknown = Client().post(SIGN_UP, answers(email="dana@example.test"), follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert known.text.replace(again.lower(), "…").count("…") == unknown.text.replace(
        "dana@example.test", "…"
    ).count("…")
    assert mail.outbox[0].subject == "You have an Image 2 account already"
    assert mail.outbox[0].to == ["alice@example.test"]
    assert User.objects.filter(email__iexact=again).count() == 1
    assert alice.check_password("correct horse battery staple")


def test_without_accepting_the_policy_there_is_no_account(client: Client) -> None:
    response = client.post(SIGN_UP, answers(policy=""))

    assert errors_of(response) == {"policy"}
    assert "tick the box" in response.text
    assert not User.objects.exists()


def test_a_policy_that_changed_meanwhile_is_shown_again(client: Client) -> None:
    shown = answers()
    now = timezone.now()
    PolicyVersion.objects.create(version="2", published_at=now, effective_at=now, summary="New.", body="New.")

    response = client.post(SIGN_UP, shown)

    assert errors_of(response) == {"policy"}
    assert "has changed while you were typing" in response.text
    assert 'value="2"' in response.text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["", "short", "1234567890123", "password1234", "dana@example.test", "a\x00" + "b" * 20]
)
def test_a_weak_or_broken_password_is_refused(client: Client, password: str) -> None:
    response = client.post(SIGN_UP, answers(password1=password))

    assert "password1" in errors_of(response)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "dana", "dana@", "da\x00na@example.test", "d" * 250 + "@example.test", "a b@c.d"]
)
def test_what_is_no_address_is_refused(client: Client, email: str) -> None:
    assert "email" in errors_of(client.post(SIGN_UP, answers(email=email)))


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "Da\x00na", "Dana\u202ecilA", "https://win.example", "…"]
)
def test_a_name_that_tricks_or_is_empty_is_refused(client: Client, name: str) -> None:
    assert "name" in errors_of(client.post(SIGN_UP, answers(name=name)))


def test_a_field_that_only_scripts_fill_in_makes_no_account_and_says_nothing(client: Client) -> None:
    response = client.post(SIGN_UP, answers(telephone="555 0100"))

    assert response.headers["Location"] == CONFIRM
    assert not User.objects.exists()
    assert mail.outbox == []


def test_the_trap_is_hidden_without_an_inline_style(client: Client) -> None:
    page = client.get(SIGN_UP).text

    assert 'name="telephone"' in page
    assert "style=" not in page


def test_too_many_sign_ups_from_one_address_have_to_wait(client: Client) -> None:
    statuses = [client.post(SIGN_UP, answers(name="")).status_code for _attempt in range(21)]

    assert statuses[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert HTTPStatus.TOO_MANY_REQUESTS not in statuses[:20]


def test_a_typo_in_the_address_can_be_mended_before_the_code(client: Client) -> None:
    client.post(SIGN_UP, answers(email="dnaa@example.test"))
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        client.post(CONFIRM, {"action": "change", "email": "dana@example.test"})
        client.post(CONFIRM, {"code": code_in(mail.outbox[-1])})

    user = User.objects.get()
    assert user.email == "dana@example.test"
    assert EmailAddress.objects.get(user=user).verified
