"""Welcome credits are for a verified mailbox that somebody keeps, once a person, and not by the dozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts.models import NetworkCount, User
from billing import ledger
from billing.gifts.mailboxes import is_disposable, normalised
from billing.gifts.welcome import (
    DisposableAddress,
    HadThem,
    MailboxKnown,
    NetworkBusy,
    NotVerified,
    NotWelcomed,
    claim,
    is_waiting,
    welcome,
)
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HERE = "203.0.113.0"


@pytest.fixture(autouse=True)
def _hundred_credits(settings: Settings) -> None:
    settings.WELCOME_CREDITS = 100


@pytest.fixture
def alice(db: None) -> User:
    """Somebody whose address is not verified yet."""
    return User.objects.create_user("alice@example.org", "wonderland", name="Alice")


def test_confirming_the_address_gives_the_welcome_credits(alice: User) -> None:
    address = EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    for _delivered_twice in range(2):
        email_confirmed.send(sender=EmailAddress, request=RequestFactory().get("/"), email_address=address)
    assert ledger.balance(alice).available == 100


def test_another_address_of_the_same_person_gives_nothing_more(alice: User) -> None:
    welcome(user=alice, email="alice@example.org")
    with pytest.raises(HadThem):
        welcome(user=alice, email="alice@example.net")
    assert ledger.balance(alice).available == 100


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("alice@gmail.com", "A.L.I.C.E@gmail.com"),
        ("alice@gmail.com", "alice+again@gmail.com"),
        ("alice@gmail.com", "alice@GoogleMail.com"),
        ("alice+one@example.org", "ALICE+two@example.org"),
        ("al.ice@proton.me", "al_ice+x@pm.me"),
        ("alice@icloud.com", "alice@me.com"),
        ("al-ice@yandex.ru", "al.ice@ya.ru"),
        ("alice@example.org", "alice@example.org."),
    ],
)
def test_another_spelling_of_the_same_mailbox_gives_nothing_more(
    alice: User, bob: User, first: str, second: str
) -> None:
    welcome(user=alice, email=first)
    with pytest.raises(MailboxKnown, match="another account"):
        welcome(user=bob, email=second)
    assert ledger.balance(bob).available == 0


@pytest.mark.parametrize("other", ["al.ice@example.org", "alice@example.net", "bob@example.org"])
def test_another_mailbox_is_another_person(alice: User, bob: User, other: str) -> None:
    welcome(user=alice, email="alice@example.org")
    assert welcome(user=bob, email=other)


def test_a_mailbox_is_still_known_after_its_person_was_erased(alice: User, bob: User) -> None:
    welcome(user=alice, email="alice@example.org")
    alice.delete()
    with pytest.raises(MailboxKnown):
        welcome(user=bob, email="alice+back@example.org")


def test_a_mailbox_is_still_known_after_the_secret_key_was_replaced(
    alice: User, bob: User, settings: Settings
) -> None:
    welcome(user=alice, email="alice@example.org")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key that is long enough to be one"
    with pytest.raises(MailboxKnown):
        welcome(user=bob, email="alice@example.org")


@pytest.mark.parametrize("email", ["alice@mailinator.com", "alice@sub.domain.YOPMAIL.com"])
def test_a_disposable_mailbox_gets_nothing_and_says_what_to_do(alice: User, email: str) -> None:
    with pytest.raises(DisposableAddress, match="a permanent address"):
        welcome(user=alice, email=email)
    assert ledger.balance(alice).available == 0


def test_a_domain_of_the_operators_own_list_counts_as_disposable(alice: User, settings: Settings) -> None:
    settings.DISPOSABLE_EMAIL_DOMAINS = frozenset({"spam.example"})
    with pytest.raises(DisposableAddress):
        welcome(user=alice, email="alice@mail.spam.example")


def test_somebody_who_confirms_a_lasting_address_later_gets_them_then(alice: User) -> None:
    with pytest.raises(DisposableAddress):
        welcome(user=alice, email="alice@mailinator.com")
    assert welcome(user=alice, email="alice@example.org")


def test_without_welcome_credits_nothing_happens(alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDITS = 0
    assert welcome(user=alice, email="alice@example.org") is None
    assert not is_waiting(alice)


@pytest.mark.parametrize(
    ("email", "same"),
    [
        ("A.b.C+tag@Gmail.com", "abc@gmail.com"),
        ("abc@googlemail.com", "abc@gmail.com"),
        ("A.b+tag@Example.org", "a.b@example.org"),  # dots matter elsewhere
        ("x@BÜCHER.example", "x@xn--bcher-kva.example"),
        ("ａlice@example.org", "alice@example.org"),  # a full-width letter
        ("x@a..b", "x@a..b"),
    ],
)
def test_addresses_have_one_spelling(email: str, same: str) -> None:
    assert normalised(email) == same


def test_a_domain_that_only_ends_alike_is_not_disposable() -> None:
    assert not is_disposable("alice@not-really-yopmail.com")


# --- many from one network ---------------------------------------------------------------------------------------


@pytest.fixture
def two_a_day(settings: Settings) -> None:
    settings.WELCOME_PER_NETWORK_HOUR, settings.WELCOME_PER_NETWORK_DAY = 0, 2


def welcomed_from(*networks: str) -> list[bool]:
    got = []
    for number, network in enumerate(networks):
        person = factories.make_person(f"P{number}")
        try:
            got.append(welcome(user=person, email=person.email, network=network) is not None)
        except NetworkBusy:
            got.append(False)
    return got


@pytest.mark.parametrize(
    ("networks", "got"),
    [
        ([HERE, HERE, HERE], [True, True, False]),
        ([HERE, HERE, "198.51.100.0"], [True, True, True]),
        (["", "", ""], [True, True, True]),  # this machine itself
    ],
)
def test_a_network_gets_so_many_and_no_more(two_a_day: None, networks: list[str], got: list[bool]) -> None:
    assert welcomed_from(*networks) == got


def test_the_hour_and_the_day_are_limited_each(settings: Settings) -> None:
    settings.WELCOME_PER_NETWORK_HOUR, settings.WELCOME_PER_NETWORK_DAY = 1, 2
    with time_machine.travel("2030-05-01T10:30:00Z") as clock:
        assert welcomed_from(HERE, HERE) == [True, False]
        people = [factories.make_person(f"Q{number}") for number in range(2)]
        clock.shift(timedelta(hours=1))
        assert welcome(user=people[0], email=people[0].email, network=HERE)
        clock.shift(timedelta(hours=1))
        with pytest.raises(NetworkBusy, match="12 hours"):
            welcome(user=people[1], email=people[1].email, network=HERE)


def test_a_limit_of_zero_is_none(settings: Settings) -> None:
    settings.WELCOME_PER_NETWORK_HOUR = settings.WELCOME_PER_NETWORK_DAY = 0
    assert welcomed_from(*[HERE] * 40) == [True] * 40


def test_credits_that_wait_can_be_asked_for_on_the_page(two_a_day: None) -> None:
    welcomed_from(HERE, HERE)
    late = factories.make_person("Late")
    with pytest.raises(NetworkBusy):
        welcome(user=late, email=late.email, network=HERE)
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.force_login(late)
    assert "Your welcome credits are waiting" in client.get("/credits/").text

    answer = client.post("/credits/welcome/", follow=True)
    assert "Many people signed up from your network" in answer.text
    assert ledger.balance(late).available == 0

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        client.force_login(late)
        answer = client.post("/credits/welcome/", follow=True)
    assert "Your welcome credits are here" in answer.text
    assert "credits are waiting" not in answer.text
    assert ledger.balance(late).available == 100


def test_somebody_with_an_unverified_address_cannot_ask(alice: User) -> None:
    with pytest.raises(NotVerified):
        claim(user=alice, network=HERE)


def test_a_refused_welcome_is_not_counted(two_a_day: None) -> None:
    person = factories.make_person("Dana")
    with pytest.raises(NotWelcomed):
        welcome(user=person, email="dana@mailinator.com", network=HERE)
    assert not NetworkCount.objects.exists()


def test_what_is_counted_names_no_address(two_a_day: None) -> None:
    welcomed_from(HERE)
    assert "203.0" not in str(list(NetworkCount.objects.values()))
