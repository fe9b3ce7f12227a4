"""Logging in with Google and GitHub, against a server that answers as theirs do."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Consent, PolicyAcceptance, User
from privacy.models import PolicyVersion
from privacy.policy import versions
from tests.accounts.elsewhere import FINISH, agree, come, is_logged_in, set_keys, to_provider
from tests.factories import PASSWORD, make_person
from tests.fakes.elsewhere.server import FakeProviders

pytestmark = pytest.mark.django_db
LOG_IN, SIGN_UP = "/accounts/login/", "/accounts/signup/"
BOTH = pytest.mark.parametrize("provider", ["google", "github"])


# --- where it is offered ---------------------------------------------------------------------------------------------


def test_without_keys_there_are_no_buttons_and_no_pages(client: Client, alice: User) -> None:
    for page in (LOG_IN, SIGN_UP):
        assert "Continue with" not in client.get(page).text
    for provider in ("google", "github"):
        assert client.post(f"/accounts/{provider}/login/").status_code == HTTPStatus.NOT_FOUND
        assert client.get(f"/accounts/{provider}/login/callback/").status_code == HTTPStatus.NOT_FOUND
    client.force_login(alice)
    assert "Connected accounts" not in client.get("/account/").text


def test_a_button_is_there_for_whom_keys_are_set(
    client: Client, fake: FakeProviders, settings: Settings
) -> None:
    set_keys(settings, "github")
    for page in (LOG_IN, SIGN_UP):
        answer = client.get(page)
        assert re.findall(r"Continue with (\w+)", answer.text) == ["GitHub"]
        action = next(
            part for part in answer.headers["Content-Security-Policy"].split(";") if "form-action" in part
        )
        assert action.split() == ["form-action", "'self'", fake.url]
    assert fake.url not in client.get("/accounts/password/reset/").headers["Content-Security-Policy"]


def test_the_way_begins_with_a_post(client: Client, fake: FakeProviders) -> None:
    assert client.get("/accounts/google/login/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    checking = Client(enforce_csrf_checks=True)
    assert checking.post("/accounts/google/login/").status_code == HTTPStatus.FORBIDDEN


def test_it_waits_for_the_policy_that_names_it(client: Client, fake: FakeProviders) -> None:
    PolicyVersion.objects.update(covers=3)

    assert "Continue with" not in client.get(LOG_IN).text
    assert client.post("/accounts/google/login/").status_code == HTTPStatus.NOT_FOUND


# --- somebody new ----------------------------------------------------------------------------------------------------


@BOTH
def test_somebody_new_says_their_age_and_accepts_the_policy_before_there_is_an_account(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    page = come(client, provider, next="/history/")
    assert page.redirect_chain[-1][0] == FINISH
    assert 'value="Dana Scully"' in page.text
    assert not User.objects.exists()

    assert set(agree(client, age="").context["form"].errors) == {"age"}
    assert set(agree(client, policy="").context["form"].errors) == {"policy"}
    assert set(agree(client, policy_version="0").context["form"].errors) == {"policy"}
    assert not User.objects.exists()

    done = agree(client, name="Dana S.")
    user = User.objects.get()
    assert done.redirect_chain[-1][0] == "/history/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.name, user.has_usable_password()) == ("dana@example.test", "Dana S.", False)
    assert EmailAddress.objects.get().verified
    assert PolicyAcceptance.objects.get(user=user).version == versions.current_version()
    assert Consent.objects.get(user=user).kind == Consent.Kind.AGE
    assert client.session.get_expiry_age() > timedelta(days=1).total_seconds()


@BOTH
def test_no_token_and_little_of_the_profile_is_kept(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    come(client, provider)
    assert fake.tokens[-1] not in json.dumps(dict(client.session))
    assert client.session.get_expiry_age() <= timedelta(hours=1).total_seconds()
    agree(client)

    row = SocialAccount.objects.get()
    shown = {"google": "dana@example.test", "github": "dana-s"}[provider]
    assert (row.uid, row.extra_data) == (
        {"google": fake.google["sub"], "github": "583231"}[provider],
        {"shown": shown},
    )
    assert not SocialToken.objects.exists()
    assert fake.tokens[-1] not in json.dumps(dict(client.session))


@BOTH
def test_the_second_time_they_are_logged_in_at_once(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    come(client, provider)
    agree(client)
    again = Client()

    assert come(again, provider, next="/account/").redirect_chain[-1][0] == "/account/"
    assert is_logged_in(again)
    assert User.objects.count() == 1


def test_nobody_reaches_the_form_without_coming_from_a_provider(client: Client, fake: FakeProviders) -> None:
    for answer in (client.get(FINISH), client.post(FINISH, {"name": "Dana", "age": "on", "policy": "on"})):
        assert answer.headers["Location"] == LOG_IN
    assert not User.objects.exists()


def test_an_address_that_got_an_account_meanwhile_is_said(client: Client, fake: FakeProviders) -> None:
    come(client, "google")
    make_person("Dana")

    page = agree(client)

    assert "got an account in the meantime" in page.text
    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


# --- an account that is here already ---------------------------------------------------------------------------------


@BOTH
def test_a_verified_address_leads_to_the_account_that_verified_it(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    dana = make_person("Dana")

    come(client, provider)

    assert client.session["_auth_user_id"] == str(dana.pk)
    assert SocialAccount.objects.get(user=dana).provider == provider
    dana.refresh_from_db()
    assert dana.check_password(PASSWORD)
    assert [(message.to, "connected" in message.subject) for message in mail.outbox] == [([dana.email], True)]


def test_an_account_with_an_unverified_address_is_neither_taken_nor_doubled(
    client: Client, fake: FakeProviders
) -> None:
    squatter = make_person("Dana")
    EmailAddress.objects.update(verified=False)

    page = come(client, "google")

    assert "the address was never confirmed" in page.text
    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()
    squatter.refresh_from_db()
    assert squatter.check_password(PASSWORD)


def test_an_address_that_somebody_else_only_claims_gets_an_account_of_its_own(
    client: Client, fake: FakeProviders, bob: User
) -> None:
    EmailAddress.objects.create(user=bob, email="dana@example.test", verified=False)

    come(client, "google")
    agree(client)

    assert client.session["_auth_user_id"] != str(bob.pk)
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_a_second_factor_is_asked_for_and_nothing_is_connected_without_it(
    client: Client, fake: FakeProviders
) -> None:
    dana = make_person("Dana")
    TOTP.activate(dana, generate_totp_secret())

    page = come(client, "google")

    assert page.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


def test_a_disabled_account_stays_closed_and_unconnected(client: Client, fake: FakeProviders) -> None:
    make_person("Dana", is_active=False)

    page = come(client, "google")

    assert "This account is disabled" in page.text or page.redirect_chain[-1][0] == "/accounts/inactive/"
    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_an_address_that_the_provider_did_not_verify_is_worth_nothing(
    client: Client, fake: FakeProviders
) -> None:
    dana = make_person("Dana")
    fake.google["email_verified"] = False
    fake.github_emails = [{"email": dana.email, "primary": True, "verified": False}]
    for provider, name in (("google", "Google"), ("github", "GitHub")):
        page = come(client, provider)
        assert f"Your address isn&#x27;t verified at {name}." in page.text
        assert page.redirect_chain[-1][0] == LOG_IN
    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


def test_an_account_without_an_address_is_said(client: Client, fake: FakeProviders) -> None:
    del fake.google["email"]
    fake.github_emails = []
    for provider, name in (("google", "Google"), ("github", "GitHub")):
        assert f"{name} didn&#x27;t tell us an e-mail address." in come(client, provider).text
    assert not User.objects.exists()


@BOTH
def test_cancelling_there_leads_back_with_one_sentence(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    fake.denies = True

    page = come(client, provider)

    assert "You cancelled at" in page.text
    assert page.redirect_chain[-1][0] == LOG_IN


@BOTH
def test_what_another_browser_began_is_not_finished_here(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    back = to_provider(Client(), provider)

    page = client.get(back, follow=True)

    assert "has expired, or it was started in another browser" in page.text
    assert not is_logged_in(client)
    late = to_provider(client, provider)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "has expired" in client.get(late, follow=True).text


@BOTH
def test_a_code_works_once(client: Client, fake: FakeProviders, provider: str) -> None:
    back = to_provider(client, provider)
    client.get(back)

    assert "has expired" in client.get(back, follow=True).text


@BOTH
def test_a_provider_that_is_down_or_talks_nonsense_is_one_sentence(
    client: Client, fake: FakeProviders, provider: str
) -> None:
    fake.says_nonsense = True
    page = come(client, provider)
    assert "refused to log you in" in page.text or "can&#x27;t be reached" in page.text
    fake.says_nonsense, fake.fails_with = False, 503
    assert "Try again" in come(client, provider).text
    fake.fails_with = 0
    back = to_provider(client, provider)
    fake.stop()
    assert "can&#x27;t be reached right now" in client.get(back, follow=True).text
    assert not User.objects.exists()
