"""A form that was taken says so to the page that keeps its draft; a form that was not keeps it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from image2.website.context import Site
from tests.privacy.test_policy import publish

FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
# Forms in which somebody types words: a prompt, a message, a name, an address.
WORDS = re.compile(r"<textarea|type=\"text\"|\{% fields? [\w.]*(form|name|email|message)\b")
# What is typed into these is a secret, or a few letters that are typed again before anything else, or only a tick.
NO_DRAFT = re.compile(
    r"account_login|account_reauthenticate|mfa_(re)?authenticate|password|login_code|action_url|totp|recovery|request_login|accounts:data|form\.(age|understood|code)"
)


def test_every_form_with_words_keeps_a_draft() -> None:
    missing = [
        str(path.relative_to(settings.BASE_DIR))
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        if "admin" not in path.name
        for form in FORM.findall(path.read_text())
        if WORDS.search(form) and not NO_DRAFT.search(form) and "data-draft=" not in form
    ]

    assert missing == []


@pytest.mark.django_db
def test_a_form_that_was_taken_says_so_in_the_fragment_of_the_next_address(
    client: Client, alice: User
) -> None:
    client.force_login(alice)

    taken = client.post("/account/profile/", {"name": "Alice", "draft": "profile"})
    assert taken.headers["Location"] == "/account/#sent=profile"
    refused = client.post("/account/profile/", {"name": "", "draft": "profile"})
    assert "Location" not in refused.headers
    plain = client.post("/account/profile/", {"name": "Alice"})
    assert plain.headers["Location"] == "/account/"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "Profile", "a b", "x" * 31, "#", "a\r\nSet-Cookie: x=1"])
def test_only_a_name_of_ours_is_put_into_an_address(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)

    taken = client.post("/account/profile/", {"name": "Alice", "draft": name})
    assert taken.headers["Location"] == "/account/"


@pytest.mark.django_db
def test_a_form_that_something_else_came_before_keeps_its_draft(client: Client, alice: User) -> None:
    logged_out = client.post("/account/profile/", {"name": "Alice", "draft": "profile"})
    assert "sent=" not in logged_out.headers["Location"]

    client.force_login(alice)
    asked_who = client.post(
        "/accounts/email/", {"action_add": "", "email": "new@example.test", "draft": "address"}
    )
    assert asked_who.headers["Location"].startswith("/accounts/reauthenticate/")
    assert "sent=" not in asked_who.headers["Location"]

    publish("99", days=-0.001, requires_acceptance=True)
    must_accept = client.post("/create/", {"prompt": "x", "draft": "composer"})
    assert must_accept.headers["Location"] == "/privacy/accept/?next=%2F"


@pytest.mark.django_db
def test_an_account_has_one_key_that_names_nobody(rf, alice: User, bob: User) -> None:  # type: ignore[no-untyped-def]
    keys = []
    for user in (alice, alice, bob):
        request = rf.get("/")
        request.user = user
        keys.append(Site(request).account_key)

    assert keys[0] == keys[1] != keys[2]
    assert re.fullmatch(r"[0-9a-f]{16}", keys[0])
    assert Site(rf.get("/")).account_key == ""
