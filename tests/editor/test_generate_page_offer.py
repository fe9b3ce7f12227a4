"""Which generative tools a document's page has: those that a model of this site can run."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from generation.requests import catalogue
from tests.editor.making import a_document


def tools_of(client: Client, address: str) -> set[str]:
    return set(re.findall(r'data-command="tool\.generate\.(\w+)"', client.get(address).content.decode()))


def test_the_page_offers_what_the_bundled_model_can_do(alice: User, hers: Client) -> None:
    offered = tools_of(hers, a_document(alice).get_absolute_url())
    assert {"fill", "replace", "erase", "extend", "upscale", "variations", "reference"} <= offered
    assert "instruct" not in offered
    assert "remove_background" not in offered, "the bundled model does that with its own pictures only"


def test_without_a_model_what_works_on_the_device_stays(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "able", lambda kind, **_more: [])
    assert tools_of(hers, a_document(alice).get_absolute_url()) == {"erase", "reference"}
