"""What a clock tells about an address: each way in, thirty times with an account and thirty times without, in turn.

Run: ``bin/test tests/benchmarks/test_enumeration_times.py -s``. It prints the ratio of the two medians, and beside it
the ratio of two halves of the same kind, which is the noise. Nothing is asserted about time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import LimitEntry, User
from tests.benchmarks.repeats import repeats
from tests.factories import PASSWORD, make_bob

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
TRIES = max(2, repeats(30))
KNOWN, UNKNOWN = "alice@example.test", "zelda@example.test"
SIGN_UP = {
    "name": "Zelda",
    "password1": "a sea of green bottles",
    "age": "on",
    "policy": "on",
    "policy_version": "2",
}


def sign_up(client: Client, email: str) -> None:
    client.post("/accounts/signup/", {**SIGN_UP, "email": email})


def log_in(client: Client, email: str) -> None:
    client.post("/accounts/login/", {"login": email, "password": "not the password"})


def ask_for_a_code(client: Client, email: str) -> None:
    client.post("/accounts/login/code/", {"email": email})


def reset(client: Client, email: str) -> None:
    client.post("/accounts/password/reset/", {"email": email})


def add(client: Client, email: str) -> None:
    client.post("/accounts/email/", {"action_add": "", "email": email})


@pytest.mark.parametrize("way", [sign_up, log_in, ask_for_a_code, reset, add], ids=lambda way: way.__name__)
def test_an_address_with_an_account_takes_as_long_as_one_without(
    alice: User, settings: Settings, way: Callable[[Client, str], None]
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    alice.set_password(PASSWORD)
    alice.save()
    bob = make_bob()
    signed_in = _browser(bob)
    way(signed_in if way is add else Client(), UNKNOWN)  # templates are loaded once
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _try in range(TRIES):
        for email, times in took.items():
            LimitEntry.objects.all().delete()
            browser = signed_in if way is add else Client()
            start = time.perf_counter()
            way(browser, email)
            times.append(time.perf_counter() - start)
    known, unknown = (statistics.median(took[email]) for email in (KNOWN, UNKNOWN))
    noise = statistics.median(took[UNKNOWN][::2]) / statistics.median(took[UNKNOWN][1::2])
    print(
        f"\n{way.__name__}: {known * 1e3:.1f} ms known, {unknown * 1e3:.1f} ms unknown, ratio {known / unknown:.3f},"
        f" noise {noise:.3f}"
    )
    assert len(took[KNOWN]) == len(took[UNKNOWN]) == TRIES


def _browser(person: User) -> Client:
    """A browser that could add an address now."""
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client
