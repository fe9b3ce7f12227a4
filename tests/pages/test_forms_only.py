"""An address that takes a form only says so to whoever types it, and stays a plain 405 for programs."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.urls import resolve, reverse

from accounts.models import User
from image2.website.forms_only import page_above

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SENTENCE = "This address only takes a form that is sent to it"
NOBODYS = UUID(int=1)
ADDRESSES = {
    reverse("theme"): "/",
    reverse("billing:portal"): "/billing/",
    reverse("billing:buy", args=["starter"]): "/billing/",
    reverse("accounts:profile"): "/account/",
    reverse("generation:job-cancel", args=[NOBODYS]): "/jobs/",
    reverse("generation:upload-add"): "/uploads/",
    reverse("editor:hints"): "/editor/",
    reverse("editor:quote", args=[NOBODYS]): "/editor/",
    reverse("privacy:restrict"): "/privacy/restriction/",
}


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_typed_address_gets_a_page_that_leads_to_the_form(hers: Client, address: str) -> None:
    answer = hers.get(address, headers=BROWSER)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert SENTENCE in answer.content.decode()
    back = page_above(address)
    assert back.startswith(ADDRESSES[address])
    assert f'href="{back}"' in answer.content.decode()
    resolve(urlsplit(back).path)


def test_the_page_is_made_where_requests_are_answered_asynchronously(alice: User) -> None:
    client = AsyncClient()
    client.force_login(alice)
    answer = async_to_sync(client.get)(reverse("theme"), headers=BROWSER)
    assert answer.status_code == 405
    assert SENTENCE in answer.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "*/*"},
        {"Accept": "application/json"},
        BROWSER | {"HX-Request": "true"},
        BROWSER | {"Sec-Fetch-Mode": "cors"},
    ],
)
def test_programs_and_scripts_get_a_plain_405(hers: Client, headers: dict[str, str]) -> None:
    answer = hers.get(reverse("theme"), headers=headers)
    assert (answer.status_code, answer["Allow"], answer.content) == (405, "POST", b"")


def test_what_machines_call_stays_plain() -> None:
    answer = Client().get(reverse("billing:webhook"), headers=BROWSER)
    assert (answer.status_code, answer.content) == (405, b"")


def test_what_is_sent_to_it_is_taken_as_before(hers: Client) -> None:
    assert hers.post(reverse("theme"), {"theme": "dark"}, headers=BROWSER).status_code == 302
