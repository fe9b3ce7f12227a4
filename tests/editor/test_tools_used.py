"""The editor's usage: names of tools, once a day, under the person's switch and a policy that names them."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import Preferences, UsageEvent, User
from privacy.models import PolicyVersion
from tests.editor.making import a_document, a_stroke, operation, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def tools(user: User) -> list[str]:
    rows = UsageEvent.objects.filter(user=user, event="editor.used").order_by("pk")
    return [details.pop("tool") for details in rows.values_list("details", flat=True) if len(details) == 1]


def test_appended_operations_record_the_names_of_their_tools_and_nothing_they_drew(
    hers: Client, alice: User
) -> None:
    document = a_document(alice)
    first = a_stroke(document.head)
    second = a_stroke(first["id"], tool="erase")
    third = operation("fill", second["id"], layer="base", rgba=0xFF0000FF, opacity=255, mode="normal")
    assert send(hers, document, [first, second]).status_code == 200
    assert send(hers, document, [third]).status_code == 200, third
    again = a_stroke(third["id"])
    send(hers, document, [again])

    assert sorted(tools(alice)) == ["brush", "eraser", "fill"]
    stored = json.dumps(list(UsageEvent.objects.values_list("event", "details")))
    assert not [word for word in ("layer", "radius", "rgb", str(document.pk)) if word in stored]


def test_what_is_refused_is_not_recorded(hers: Client, alice: User) -> None:
    document = a_document(alice)
    bad = operation("stroke", document.head, layer="base", tool="my secret word")

    assert send(hers, document, [bad]).status_code == 422
    assert not UsageEvent.objects.exists()


def test_the_switch_and_the_browser_are_honoured(hers: Client, alice: User) -> None:
    Preferences.objects.update_or_create(user=alice, defaults={"usage_data": False})
    document = a_document(alice)

    assert send(hers, document, [a_stroke(document.head)]).status_code == 200
    assert not UsageEvent.objects.exists()


def test_before_a_text_names_the_editor_nothing_is_recorded(hers: Client, alice: User) -> None:
    document = a_document(alice)
    PolicyVersion.objects.update(covers=2)

    assert send(hers, document, [a_stroke(document.head)]).status_code == 200
    assert not UsageEvent.objects.exists()
