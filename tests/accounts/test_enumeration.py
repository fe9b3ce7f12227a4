"""Nobody learns from a page who has an account: each way in, step by step, for an address with one and one without."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from privacy.policy import versions
from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "alice@example.test", "zelda@example.test"
TYPED = "a sea of green bottles"
WRONG = {"code": "XXXX-XXXX"}
CONFIRM, CODE, RESET = "/accounts/confirm-email/", "/accounts/login/code/", "/accounts/password/reset/"


class CountingHasher(MD5PasswordHasher):
    """The hasher of the tests, which also says how often it worked."""

    algorithm = "md5"
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@dataclass(frozen=True)
class Step:
    """What one answer gives away: to the eye, to a program, and to a clock."""

    status: int
    location: str
    cookies: frozenset[str]
    words: str
    passwords_hashed: int
    mails_sent: int
    writes: tuple[str, ...]


class Visitor:
    """A browser that notes each answer, without what is random and without the address itself."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.client = Client()
        self.steps: list[Step] = []

    def post(self, path: str, **answers: str) -> None:
        self._note(lambda: self.client.post(path, answers, REMOTE_ADDR="203.0.113.7"))

    def get(self, path: str) -> None:
        self._note(lambda: self.client.get(path, REMOTE_ADDR="203.0.113.7"))

    def _note(self, ask: Callable[[], Any]) -> None:
        CountingHasher.hashed, mails = 0, len(mail.outbox)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = ask()
        words = re.sub(f"{KNOWN}|{UNKNOWN}", "…", response.content.decode())
        for random in (
            r'"[A-Za-z0-9]{64}"',
            r'nonce="[^"]+"',
            r'"challenge": "[^"]+"',
        ):
            words = re.sub(random, "", words)
        written = [
            " ".join(re.findall(r"\w+", query["sql"])[:3]).lower()
            for query in queries
            if re.match(r"INSERT|UPDATE|DELETE", query["sql"])
        ]
        self.steps.append(
            Step(
                status=response.status_code,
                location=response.headers.get("Location", ""),
                cookies=frozenset(response.cookies),
                words=words,
                passwords_hashed=CountingHasher.hashed,
                mails_sent=len(mail.outbox) - mails,
                writes=tuple(written),
            )
        )


def sign_up(visitor: Visitor) -> None:
    visitor.post(
        "/accounts/signup/",
        name="Zelda",
        email=visitor.email,
        password1=TYPED,
        age="on",
        policy="on",
        policy_version=versions.current_version(),
    )


def signing_up_with_a_passkey(visitor: Visitor) -> None:
    answers = {"name": "Zelda", "email": visitor.email, "age": "on", "policy": "on"}
    visitor.post("/accounts/signup/passkey/", **answers, policy_version=versions.current_version())
    visitor.get(CONFIRM)
    visitor.post(CONFIRM, **WRONG)


def signing_up(visitor: Visitor) -> None:
    sign_up(visitor)
    visitor.get(CONFIRM)
    visitor.post(CONFIRM, **WRONG)


def signing_up_and_asking_again(visitor: Visitor) -> None:
    sign_up(visitor)
    visitor.post(CONFIRM, action="resend")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        visitor.post(CONFIRM, action="resend")
        visitor.get(CONFIRM)


def signing_up_until_the_code_is_void(visitor: Visitor) -> None:
    sign_up(visitor)
    for _try in range(6):
        visitor.post(CONFIRM, **WRONG)
    visitor.get("/accounts/signup/")


def signing_up_with_another_address_first(visitor: Visitor) -> None:
    email, visitor.email = visitor.email, "typed-wrong@example.test"
    sign_up(visitor)
    visitor.email = email
    visitor.post(CONFIRM, action="change", email=email)
    visitor.get(CONFIRM)


def signing_up_and_changing_the_address(visitor: Visitor) -> None:
    sign_up(visitor)
    visitor.email = "another@example.test"
    visitor.post(CONFIRM, action="change", email=visitor.email)
    visitor.get(CONFIRM)


def signing_up_and_logging_in(visitor: Visitor) -> None:
    sign_up(visitor)
    visitor.post("/accounts/login/", login=visitor.email, password=TYPED)
    visitor.client = Client()
    visitor.post("/accounts/login/", login=visitor.email, password=TYPED)


def signing_up_twice(visitor: Visitor) -> None:
    sign_up(visitor)
    visitor.client = Client()
    sign_up(visitor)


def logging_in(visitor: Visitor) -> None:
    for _try in range(6):
        visitor.post("/accounts/login/", login=visitor.email, password="not the password")


def logging_in_by_code(visitor: Visitor) -> None:
    visitor.post(CODE, email=visitor.email)
    visitor.get(f"{CODE}confirm/")
    visitor.post(f"{CODE}confirm/", action="resend")
    for _try in range(4):
        visitor.post(f"{CODE}confirm/", **WRONG)
    visitor.get(CODE)


def asking_for_many_codes(visitor: Visitor) -> None:
    for _time in range(4):
        visitor.client = Client()
        visitor.post(CODE, email=visitor.email)


def resetting_the_password(visitor: Visitor) -> None:
    visitor.post(RESET, email=visitor.email)
    visitor.get(f"{RESET}confirm/")
    for _try in range(4):
        visitor.post(f"{RESET}confirm/", **WRONG)
    visitor.get(RESET)


def asking_for_many_resets(visitor: Visitor) -> None:
    for _time in range(6):
        visitor.client = Client()
        visitor.post(RESET, email=visitor.email)


def adding_an_address(visitor: Visitor) -> None:
    someone = User.objects.filter(email="bob@example.test").first() or make_person("Bob")
    visitor.client.post("/accounts/login/", {"login": someone.email, "password": PASSWORD})
    visitor.client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    visitor.client.get("/account/")
    visitor.post("/accounts/email/", action_add="", email=visitor.email)
    visitor.get(CONFIRM)
    visitor.post(CONFIRM, **WRONG)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        visitor.post(CONFIRM, action="resend")
    visitor.get("/accounts/email/")


WAYS = [
    signing_up,
    signing_up_with_a_passkey,
    signing_up_and_asking_again,
    signing_up_until_the_code_is_void,
    signing_up_with_another_address_first,
    signing_up_and_changing_the_address,
    signing_up_and_logging_in,
    signing_up_twice,
    logging_in,
    logging_in_by_code,
    asking_for_many_codes,
    resetting_the_password,
    asking_for_many_resets,
    adding_an_address,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_address_with_an_account_is_answered_like_one_without(
    alice: User, settings: Settings, way: Callable[[Visitor], None]
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    known, unknown = Visitor(KNOWN), Visitor(UNKNOWN)

    with time_machine.travel(timezone.now(), tick=False):
        way(known)
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        way(unknown)

    for seen, expected in zip(known.steps, unknown.steps, strict=True):
        assert seen.words.splitlines() == expected.words.splitlines()
        assert seen == expected
    assert known.steps


def without_a_password(person: User) -> None:
    person.set_unusable_password()
    person.save()


def with_a_second_factor(person: User) -> None:
    TOTP.activate(person, generate_totp_secret())


def disabled(person: User) -> None:
    person.is_active = False
    person.save()


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "kind", [without_a_password, with_a_second_factor, disabled], ids=lambda kind: kind.__name__
)
@pytest.mark.parametrize(
    "way", [logging_in, logging_in_by_code, resetting_the_password], ids=lambda way: way.__name__
)
def test_no_kind_of_account_is_answered_in_another_way(
    alice: User, settings: Settings, way: Callable[[Visitor], None], kind: Callable[[User], None]
) -> None:
    kind(alice)
    test_an_address_with_an_account_is_answered_like_one_without(alice, settings, way)


def test_the_owner_of_the_address_hears_by_mail_what_the_page_keeps_to_itself(alice: User) -> None:
    for email in (KNOWN, UNKNOWN):
        sign_up(Visitor(email))
        Visitor(email).post(CODE, email=email)

    assert [(message.to[0], str(message.subject)) for message in mail.outbox] == [
        (KNOWN, "You already have an Image 2 account"),
        (KNOWN, mail.outbox[1].subject),
        (UNKNOWN, mail.outbox[2].subject),
        (UNKNOWN, "No Image 2 account uses this address"),
    ]


def test_no_code_is_right_for_an_address_that_has_an_account(alice: User) -> None:
    visitor = Visitor(KNOWN)
    sign_up(visitor)
    made_up = visitor.client.session["account_email_verification_code"]["code"]

    visitor.post(CONFIRM, code=made_up)

    assert "This code is not right" in visitor.steps[-1].words
    assert "_auth_user_id" not in visitor.client.session
