"""What a person prefers is read where it matters: on /create/, in download menus, in the editor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Preferences, User
from billing import ledger
from editor import opening
from tests.generation.web.makers import make_picture

pytestmark = pytest.mark.django_db
SAVED = {"format": "png", "theme": "system", "pixel_grid": "on", "hints": "on", "pen_pressure": "size"}


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def prefer(client: Client, **changed: str) -> None:
    answer = client.post("/account/preferences/", {**SAVED, **changed})
    assert answer.status_code == 302, answer.context["preferences_form"].errors


def on_create(client: Client) -> dict[str, Any]:
    values: dict[str, Any] = client.get("/create/").context["composer"].values
    return {name: str(values[name]) for name in ("shape", "size", "count")}


def test_create_starts_with_what_is_preferred(hers: Client) -> None:
    assert on_create(hers) == {"shape": "1:1", "size": "1k", "count": "1"}

    prefer(hers, shape="16:9", size="2k", count="3")

    assert on_create(hers) == {"shape": "16:9", "size": "2k", "count": "3"}
    page = hers.get("/create/").text
    assert re.search(r'name="count"\s+value="3"\s+checked', page)


def test_a_preference_that_changed_is_newer_than_the_settings_used_last(hers: Client, alice: User) -> None:
    ledger.grant(user=alice, amount=100, source="promo", source_ref="preferences")
    prefer(hers, shape="16:9", count="2")
    sent = {"prompt": "a red sailboat", "shape": "3:2", "size": "1k", "count": "1"}
    hers.post("/create/", sent)
    assert on_create(hers) == {"shape": "3:2", "size": "1k", "count": "1"}, "as used last"

    prefer(hers, shape="16:9", count="4")
    assert on_create(hers) == {"shape": "3:2", "size": "1k", "count": "4"}

    prefer(hers, shape="16:9")
    assert on_create(hers)["count"] == "1", "no preference is the site's own"


def test_the_usual_format_is_first_where_one_is_chosen(hers: Client, alice: User) -> None:
    prefer(hers, format="webp")
    picture = make_picture(alice)
    page = hers.get(reverse("generation:picture", args=[picture.pk]))
    assert next(name for name, _label, _note in page.context["formats"]) == "webp"

    document = opening.blank(user=alice, width=8, height=8, rgba=0xFFFFFFFF)
    text = hers.get(reverse("editor:document", args=[document.pk])).text
    assert re.findall(r'name="format" value="(\w+)" checked', text) == ["webp"]


@pytest.mark.parametrize("pressure", Preferences.PenPressure.values)
def test_the_editor_begins_as_preferred(hers: Client, alice: User, pressure: str) -> None:
    prefer(hers, pen_pressure=pressure, pixel_grid="")
    document = opening.blank(user=alice, width=8, height=8, rgba=0xFFFFFFFF)

    text = hers.get(reverse("editor:document", args=[document.pk])).text

    assert 'data-pixel-grid="off"' in text
    assert f'data-pen-pressure="{pressure}"' in text


def test_hints_are_switched_off_in_the_editor_and_on_in_the_settings(hers: Client, alice: User) -> None:
    document = opening.blank(user=alice, width=8, height=8, rgba=0xFFFFFFFF)

    def shown() -> str:
        text = hers.get(reverse("editor:document", args=[document.pk])).text
        [found] = re.findall(r'data-hints="(\w+)"', text)
        return str(found)

    assert shown() == "on"
    assert hers.get("/editor/hints").status_code == 405
    for _twice in range(2):
        assert hers.post("/editor/hints", {"hints": ""}).status_code == 204
        assert shown() == "off"
    prefer(hers)
    assert shown() == "on"
    prefer(hers, hints="")
    assert shown() == "off"
    assert hers.post("/editor/hints", {"hints": "on"}).status_code == 204
    assert shown() == "on"


def test_a_strange_choice_is_a_form_error(hers: Client) -> None:
    for wrong in ({"count": "5"}, {"count": "one"}, {"pen_pressure": "mood"}, {"format": "gif"}):
        assert hers.post("/account/preferences/", {**SAVED, **wrong}).status_code == 422
