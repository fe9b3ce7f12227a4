"""Who is stopped at the door hears the real cause and what to do, and who is in already goes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.accounts.mails import code_in
from tests.accounts.test_second_factor import code_for, set_up_app
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOG_IN = "/accounts/login/"


def tab(client: Client, page: str = LOG_IN) -> dict[str, str]:
    """Open a page, and keep what its form would send."""
    return {"csrfmiddlewaretoken": client.get(page).context["csrf_token"]}


def right(user: User, **more: str) -> dict[str, str]:
    return {"login": user.email, "password": PASSWORD, **more}


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_second_tab_goes_on_once_somebody_logged_in_with_the_first(visitor: Client, alice: User) -> None:
    first, second = tab(visitor), tab(visitor)
    visitor.post(LOG_IN, {**right(alice), **first})

    response = visitor.post(LOG_IN, {**right(alice, next="/account/"), **second})

    assert response.status_code == HTTPStatus.FOUND
    assert response.headers["Location"] == "/account/"


@pytest.mark.parametrize(
    "form", [LOG_IN, "/accounts/signup/", "/accounts/login/code/", "/accounts/2fa/webauthn/login/"]
)
def test_every_way_in_goes_on_from_a_stale_tab(visitor: Client, alice: User, form: str) -> None:
    first, second = tab(visitor), tab(visitor)
    visitor.post(LOG_IN, {**right(alice), **first})

    response = visitor.post(form, {**second, "next": "https://evil.example/"})

    assert response.headers["Location"] == "/create/"


def test_another_form_from_before_the_log_in_says_why_it_was_refused(visitor: Client, alice: User) -> None:
    first, second = tab(visitor), tab(visitor)
    visitor.post(LOG_IN, {**right(alice), **first})

    response = visitor.post("/theme/", {"theme": "dark", **second})

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "from before you logged in or out" in response.text
    assert "too long" not in response.text


def refused(visitor: Client, **more: Any) -> str:
    return visitor.post("/theme/", {"theme": "dark"}, **more).text


def test_each_cause_of_a_refused_form_has_its_own_sentence(visitor: Client) -> None:
    assert "Your browser sent no cookie" in refused(visitor)
    token = tab(visitor)["csrfmiddlewaretoken"]
    assert "The form was incomplete" in refused(visitor)
    elsewhere = refused(visitor, headers={"origin": "https://evil.example", "x-csrftoken": token})
    assert "The form came from another address" in elsewhere


def test_too_many_wrong_passwords_from_one_network_are_not_called_the_accounts_fault(
    alice: User, bob: User
) -> None:
    for number in range(10):
        Client().post(LOG_IN, {"login": f"nobody{number}@example.test", "password": "wrong"})

    page = Client().post(LOG_IN, right(alice)).text

    assert "from your network" in page
    assert "Too many attempts" not in page


def test_a_mailed_code_that_was_tried_too_often_says_to_ask_for_a_new_one(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})
    for _try in range(3):
        response = client.post("/accounts/login/code/confirm/", {"code": "XXXX-XXXX"}, follow=True)

    assert response.redirect_chain == [("/accounts/login/code/", HTTPStatus.FOUND)]
    assert "Ask for a new one" in response.text
    assert "five minutes" not in response.text


def test_an_empty_code_is_not_a_try(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})
    for _press in range(5):
        client.post("/accounts/login/code/confirm/", {"code": " - "})

    client.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0])})

    assert "_auth_user_id" in client.session


def test_a_used_code_of_an_authenticator_app_does_not_come_back_within_its_time(
    client: Client, alice: User
) -> None:
    secret = set_up_app(client, alice)
    start = timezone.now().timestamp() // 30 * 30 + 120
    with time_machine.travel(start, tick=False):
        code = code_for(secret)
        first = Client()
        first.post(LOG_IN, right(alice))
        first.post("/accounts/2fa/authenticate/", {"code": code})
        assert "_auth_user_id" in first.session
    # Half a minute later it would still be taken for the clock of a slow telephone.
    with time_machine.travel(start + 31, tick=False):
        second = Client()
        second.post(LOG_IN, right(alice))
        second.post("/accounts/2fa/authenticate/", {"code": code})
        assert "_auth_user_id" not in second.session
