"""Signing up: name, address, password, policy, code."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import global_settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import PolicyAcceptance, User
from privacy.models import PolicyVersion
from privacy.policy import versions
from tests.accounts.mails import code_in

pytestmark = pytest.mark.django_db
SIGN_UP, CONFIRM = "/accounts/signup/", "/accounts/confirm-email/"


def answers(**changed: str) -> dict[str, str]:
    return {
        "name": "Dana",
        "email": "dana@example.test",
        "password1": "a sea of green bottles",
        "age": "on",
        "policy": "on",
        "policy_version": versions.current_version(),
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


def test_the_password_is_kept_as_a_slow_hash(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the tests' own are quick
    client.post(SIGN_UP, answers())
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    algorithm, rounds, _salt, _hash = User.objects.get(email="dana@example.test").password.split("$")
    # OWASP's Password Storage Cheat Sheet (2023) asks for 600,000 rounds of this one.
    assert (algorithm, int(rounds) >= 600_000) == ("pbkdf2_sha256", True)


def test_what_was_accepted_is_kept_with_version_time_and_a_shortened_address(client: Client) -> None:
    client.post(SIGN_UP, answers())
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])}, REMOTE_ADDR="203.0.113.77")

    acceptance = PolicyAcceptance.objects.get(user__email="dana@example.test")
    assert acceptance.version == versions.current_version()
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
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert User.objects.get().email == "dana@example.test"
    assert EmailAddress.objects.get().email == "dana@example.test"


def test_the_address_is_kept_without_characters_that_nobody_sees(client: Client) -> None:
    client.post(SIGN_UP, answers(email="\ufeffda\u00adna@example\u200b.test\u200e"))
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert User.objects.get().email == "dana@example.test"
    assert EmailAddress.objects.get().email == "dana@example.test"
    assert mail.outbox[0].to == ["dana@example.test"]


@pytest.mark.parametrize("again", ["alice@example.test", "ALICE@example.test", "alice\u200b@example.test"])
def test_an_address_with_an_account_looks_the_same_on_the_page_and_hears_the_truth_by_mail(
    client: Client, alice: User, again: str
) -> None:
    known = client.post(SIGN_UP, answers(email=again), follow=True)
    unknown = Client().post(SIGN_UP, answers(email="dana@example.test"), follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert known.text.replace("alice@example.test", "…").count("…") == unknown.text.replace(
        "dana@example.test", "…"
    ).count("…")
    assert mail.outbox[0].subject == "You already have an Image 2 account"
    assert mail.outbox[0].to == ["alice@example.test"]
    assert User.objects.filter(email__iexact="alice@example.test").count() == 1
    assert alice.check_password("correct horse battery staple")


def test_without_accepting_the_policy_there_is_no_account(client: Client) -> None:
    response = client.post(SIGN_UP, answers(policy=""))

    assert errors_of(response) == {"policy"}
    assert "tick the box" in response.text
    assert not User.objects.exists()


def test_a_policy_that_changed_meanwhile_is_shown_again(client: Client) -> None:
    shown = answers()
    now = timezone.now()
    PolicyVersion.objects.create(
        version="99", published_at=now, effective_at=now, summary="New.", body="New."
    )

    response = client.post(SIGN_UP, shown)

    assert errors_of(response) == {"policy"}
    assert "changed while you were typing" in response.text
    assert 'value="99"' in response.text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password",
    [
        *("", "short", "1234567890123", "password1234", "dana@example.test", "a\x00" + "b" * 20),
        *("image2image2", "Image2-2026!", "I.M.A.G.E.2 abc"),
    ],
)
def test_a_weak_or_broken_password_is_refused(client: Client, password: str) -> None:
    response = client.post(SIGN_UP, answers(password1=password))

    assert "password1" in errors_of(response)
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["  eight grey\tumbrellas  ", "zażółć gęślą jaźń 🙂", "long " * 30])
def test_a_password_is_taken_as_it_is_typed(client: Client, password: str) -> None:
    client.post(SIGN_UP, answers(password1=password))
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    user = User.objects.get(email="dana@example.test")

    assert Client().login(email=user.email, password=password)
    for other in (password.strip(), password[:64], password.upper()):
        assert other == password or not Client().login(email=user.email, password=other)


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


def test_whatever_autofill_adds_the_sign_up_goes_on(client: Client) -> None:
    client.post(SIGN_UP, answers(telephone="555 0100", website="https://dana.example"))
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert "_auth_user_id" in client.session


def test_nothing_on_the_page_is_hidden_from_people_but_open_to_autofill(client: Client) -> None:
    fields = client.get(SIGN_UP).context["form"].fields

    assert {name for name, field in fields.items() if field.widget.is_hidden} == {"policy_version"}
    assert set(fields) == {"name", "email", "password1", "age", "policy", "policy_version"}


def test_before_the_code_there_is_no_account_and_what_was_typed_goes_with_the_session(client: Client) -> None:
    client.post(SIGN_UP, answers())

    assert not User.objects.exists()
    assert client.session.get_expiry_age() <= 3600
    assert "a sea of green bottles" not in str(dict(client.session))

    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    assert client.session.get_expiry_age() > 3600
    assert User.objects.get().check_password("a sea of green bottles")


def test_a_code_that_came_too_late_says_so_and_leads_back(client: Client) -> None:
    client.post(SIGN_UP, answers())

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        response = client.post(CONFIRM, {"code": code_in(mail.outbox[0])}, follow=True)

    assert response.redirect_chain == [(SIGN_UP, HTTPStatus.FOUND)]
    assert "This code has expired" in response.text


def test_the_first_to_verify_the_address_has_it(client: Client) -> None:
    other = Client()
    client.post(SIGN_UP, answers())
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        other.post(SIGN_UP, answers(name="Other"))
        other.post(CONFIRM, {"code": code_in(mail.outbox[1])})
        response = client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert User.objects.get().name == "Other"
    assert "can't be used" in unescape(response.text)


def test_signing_up_leads_on_to_where_the_person_wanted_to_go(client: Client) -> None:
    client.post(SIGN_UP, answers(next="/billing/"))
    response = client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert response.headers["Location"] == "/billing/"


def test_a_second_mail_within_ten_seconds_says_how_long_to_wait(client: Client) -> None:
    client.post(SIGN_UP, answers())

    again = Client().post(SIGN_UP, answers())
    assert "Wait ten seconds" in again.text
    resent = client.post(CONFIRM, {"action": "resend"}, follow=True)
    assert "Wait ten seconds" in resent.text
    assert len(mail.outbox) == 1

    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    assert "_auth_user_id" in client.session


def test_logging_in_before_the_code_leads_to_the_code(client: Client) -> None:
    client.post(SIGN_UP, answers())

    tab = client.post(
        "/accounts/login/", {"login": "dana@example.test", "password": "a sea of green bottles"}
    )
    assert tab.headers["Location"] == CONFIRM
    elsewhere = Client().post(
        "/accounts/login/", {"login": "dana@example.test", "password": "a sea of green bottles"}
    )
    assert "first enter the code from our e-mail" in elsewhere.text
    assert "Too many attempts" not in elsewhere.text


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
