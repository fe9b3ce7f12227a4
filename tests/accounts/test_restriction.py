"""Restriction of processing: set and lifted by the person, asked at each place that would process."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts import mail
from accounts.models import Consent, Preferences, User
from accounts.people import preferences, restriction

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def asking() -> HttpRequest:
    return RequestFactory().post("/")


def test_setting_and_lifting_leave_a_line_each_and_repeat_without_one(alice: User) -> None:
    assert restriction.begin(user=alice, request=asking())
    assert not restriction.begin(user=alice, request=asking())
    assert restriction.applies_to(User.objects.get(pk=alice.pk))
    assert restriction.lift(user=alice, request=asking())
    assert not restriction.lift(user=alice, request=asking())
    assert not restriction.applies_to(alice)

    lines = Consent.objects.filter(user=alice).order_by("at", "pk").values_list("kind", "granted")
    assert list(lines) == [("processing", False), ("processing", True)]


def test_the_other_choices_are_as_they_were_after_it_is_lifted(alice: User) -> None:
    Preferences.objects.update_or_create(user=alice, defaults={"training_allowed": True})
    restriction.begin(user=alice, request=asking())
    assert not preferences.of(alice).allows_training

    restriction.lift(user=alice, request=asking())
    assert preferences.of(alice).allows_training


def test_only_necessary_mails_are_sent(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    restriction.begin(user=alice, request=asking())

    def send(name: str) -> bool:
        return mail.write_to(alice, name=name, subject="Hello", context={"accesses": []})

    assert send("staff_access")
    monkeypatch.setattr(mail, "NECESSARY", {})
    assert not send("staff_access")
    restriction.lift(user=alice, request=asking())
    assert send("staff_access")
    assert len(outbox.outbox) == 2


def test_each_necessary_letter_exists_and_says_why() -> None:
    for name, why in mail.NECESSARY.items():
        assert (ROOT / "templates" / "emails" / f"{name}.txt").is_file(), name
        assert why


def test_every_letter_that_is_sent_is_known_to_be_necessary_or_waits() -> None:
    """A new letter is held back until somebody writes down why it is necessary: this names the ones that are not."""
    sent = {
        keyword.value.value
        for app in ("accounts", "billing", "editor", "generation", "privacy")
        for path in (ROOT / app).rglob("*.py")
        if "write_to(" in (source := path.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "write_to"
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
    assert sent >= {"staff_access", "pictures_end", "taken_down"}
    assert sent - set(mail.NECESSARY) == set()


def test_the_page_sets_and_lifts_it_and_every_page_says_so(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "Restrict my account" in client.get("/privacy/restriction/").text
    assert "Your account is restricted" not in client.get("/create/").text

    page = client.post("/privacy/restriction/begin/", follow=True).text
    assert "Lift the restriction" in page
    for address in ("/create/", "/history/", "/account/", "/privacy/"):
        assert "Your account is restricted" in client.get(address).text, address

    client.post("/privacy/restriction/lift/")
    assert "Your account is restricted" not in client.get("/create/").text
