"""Replacing secrets: what the former key signed or encrypted stays valid beside the new one, and ends without it.

Webhook secrets of Stripe: tests/billing/test_webhooks.py. Mailboxes with their welcome: tests/billing/test_welcome.py.
Keys of S3: tests/generation/files/test_storing.py.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.sign_in import encryption
from billing.purchases.ending import Offer
from privacy.erasure import ordering
from privacy.models import Ticket
from privacy.support import links
from tests.accounts.mails import code_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

Signed = Callable[[User], Callable[[], bool]]


def rotate(settings: Settings) -> None:
    """As the runbook says: the former key goes to the fallbacks."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next secret key, long enough and never seen before"


def drop(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = []


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == HTTPStatus.OK


def log_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert is_in(client)
    return client


def test_a_session_goes_on_and_moves_to_the_new_key_when_it_is_used(alice: User, settings: Settings) -> None:
    used, forgotten = log_in(alice), log_in(alice)
    before = used.session.session_key

    rotate(settings)
    beside = Client()
    beside.cookies = deepcopy(used.cookies)
    assert is_in(used)
    assert used.session.session_key != before
    assert is_in(beside)  # a request that the same browser sent at the same moment
    # The list of devices, and a log-in elsewhere, look at every session and take none away.
    assert used.get("/accounts/sessions/").text.count("/end/") == 2
    log_in(alice)
    assert is_in(forgotten)

    drop(settings)
    assert is_in(used)
    assert is_in(forgotten)


def test_a_session_that_was_not_used_beside_the_new_key_ends_with_the_old_one(
    alice: User, settings: Settings
) -> None:
    forgotten = log_in(alice)
    rotate(settings)
    drop(settings)
    assert not is_in(forgotten)


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit, within the request
def test_a_mailed_code_is_taken_beside_the_former_key_and_not_without_it(
    alice: User, settings: Settings
) -> None:
    asked, too_late = Client(), Client()
    for client in (asked, too_late):
        client.post("/accounts/login/code/", {"email": alice.email})
    codes = [code_in(message) for message in mail.outbox]

    rotate(settings)
    asked.post("/accounts/login/code/confirm/", {"code": codes[0]})
    assert is_in(asked)

    drop(settings)
    too_late.post("/accounts/login/code/confirm/", {"code": codes[1]})
    assert not is_in(too_late)


def of_a_visitors_ticket(_alice: User) -> Callable[[], bool]:
    ticket = Ticket.objects.create(user=None, email="dana@example.test", category="other")
    secret = links.of(ticket).split("/")[-2]
    return lambda: links.named_by(secret) == ticket


def of_a_closed_account(alice: User) -> Callable[[], bool]:
    erasure = ordering.order(alice)
    path = ordering.link(erasure)
    return lambda: Client().get(path).status_code == HTTPStatus.OK


def of_a_refund(_alice: User) -> Callable[[], bool]:
    offer = Offer(subscription="sub_1", charge=None, money=900, currency="eur", credits=100)
    token = offer.token
    return lambda: offer.is_what(token)


@pytest.mark.parametrize("signed", [of_a_visitors_ticket, of_a_closed_account, of_a_refund])
def test_what_is_signed_opens_beside_the_former_key_and_not_without_it(
    alice: User, settings: Settings, signed: Signed
) -> None:
    opens = signed(alice)
    assert opens()
    rotate(settings)
    assert opens()
    drop(settings)
    assert not opens()


def test_second_factors_are_encrypted_anew_and_need_the_former_key_no_more(
    alice: User, bob: User, settings: Settings
) -> None:
    app = Authenticator.objects.create(
        user=alice, type="totp", data={"secret": encryption.encrypt("JBSWY3DP")}
    )
    spare = RecoveryCodes.activate(bob)
    codes = spare.get_unused_codes()
    Authenticator.objects.create(user=bob, type="webauthn", data={"name": "Key", "credential": {}})

    rotate(settings)
    call_command("reencrypt", verbosity=0)
    drop(settings)

    app.refresh_from_db()
    assert encryption.decrypt(app.data["secret"]) == "JBSWY3DP"
    spare.instance.refresh_from_db()
    assert spare.get_unused_codes() == codes
    renewed = dict(app.data)
    call_command("reencrypt", verbosity=0)
    app.refresh_from_db()
    assert app.data == renewed  # once more changes nothing


def test_the_operator_hears_of_second_factors_whose_key_is_gone(alice: User, settings: Settings) -> None:
    lost = Authenticator.objects.create(
        user=alice, type="totp", data={"secret": encryption.encrypt("JBSWY3DP")}
    )
    rotate(settings)
    drop(settings)

    with pytest.raises(CommandError, match="1 can't be opened"):
        call_command("reencrypt", verbosity=0)
    lost.refresh_from_db()
    with pytest.raises(InvalidToken):
        encryption.decrypt(lost.data["secret"])
