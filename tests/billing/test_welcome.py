"""Welcome credits are for a verified mailbox, once a person."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import User
from billing import ledger
from billing.welcome import is_disposable, normalised, welcome

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hundred_credits(settings: Settings) -> None:
    settings.WELCOME_CREDITS = 100


def test_confirming_the_address_gives_the_welcome_credits(alice: User) -> None:
    address = EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    for _delivered_twice in range(2):
        email_confirmed.send(sender=EmailAddress, request=RequestFactory().get("/"), email_address=address)
    assert ledger.balance(alice).available == 100


def test_another_address_of_the_same_person_gives_nothing_more(alice: User) -> None:
    welcome(user=alice, email="alice@example.org")
    assert welcome(user=alice, email="alice@example.net") is None
    assert ledger.balance(alice).available == 100


@pytest.mark.parametrize("email", ["A.L.I.C.E@gmail.com", "alice+again@gmail.com", "alice@GoogleMail.com"])
def test_another_spelling_of_the_same_mailbox_gives_nothing_more(alice: User, bob: User, email: str) -> None:
    welcome(user=alice, email="alice@gmail.com")
    assert welcome(user=bob, email=email) is None
    assert ledger.balance(bob).available == 0


def test_a_mailbox_is_still_known_after_its_person_was_erased(alice: User, bob: User) -> None:
    welcome(user=alice, email="alice@example.org")
    alice.delete()
    assert welcome(user=bob, email="alice@example.org") is None


def test_a_mailbox_is_still_known_after_the_secret_key_was_replaced(
    alice: User, bob: User, settings: Settings
) -> None:
    welcome(user=alice, email="alice@example.org")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key that is long enough to be one"
    assert welcome(user=bob, email="alice@example.org") is None


def test_a_throw_away_mailbox_gives_nothing(alice: User) -> None:
    assert welcome(user=alice, email="alice@mailinator.com") is None
    assert welcome(user=alice, email="alice@sub.domain.YOPMAIL.com") is None
    assert ledger.balance(alice).available == 0


def test_without_welcome_credits_nothing_happens(alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDITS = 0
    assert welcome(user=alice, email="alice@example.org") is None


@pytest.mark.parametrize(
    ("email", "same"),
    [
        ("A.b.C+tag@Gmail.com", "abc@gmail.com"),
        ("abc@googlemail.com", "abc@gmail.com"),
        ("A.b+tag@Example.org", "a.b@example.org"),  # dots matter elsewhere
        ("x@BÜCHER.example", "x@xn--bcher-kva.example"),
    ],
)
def test_addresses_have_one_spelling(email: str, same: str) -> None:
    assert normalised(email) == same


def test_a_domain_that_only_ends_alike_is_not_disposable() -> None:
    assert not is_disposable("alice@notmailinator.com")
