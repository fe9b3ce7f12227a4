"""The model's card: the one text of docs/model-card.md, its pictures served by us, every word the model knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from generation.bundled import vocabulary
from image2.lib import markdown
from tests.generation.web.conftest import FRAGMENT

CARD = "/models/bundled/"


@pytest.fixture
def card(client: Client, db: None) -> str:
    """As anybody sees it, signed in or not."""
    return client.get(CARD).content.decode()


def test_the_page_is_the_whole_card(card: str, settings: Any) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "model-card.md").read_text()
    headings = re.findall(r"^##? (.+)$", text, re.MULTILINE)
    assert len(headings) > 3
    for heading in headings:
        assert heading in card
    assert card.count('<table class="table">') == len(re.findall(r"^\|[-|: ]+\|$", text, re.MULTILINE))


def test_every_picture_of_the_card_is_served_with_its_size(card: str, settings: Any) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "model-card.md").read_text()
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    shown = re.findall(r'<img src="/static/([^"]+)" alt="[^"]+" width="\d+" height="\d+"', card)
    assert named
    assert shown == named
    for name in shown:
        assert finders.find(name), name


def test_every_thing_and_colour_it_knows_is_listed(card: str) -> None:
    for names, _plural in vocabulary.OBJECTS.values():
        assert f'<span class="chip">{names[0]}</span>' in card
    for colour in vocabulary.COLOURS:
        assert f'<span class="chip">{colour}</span>' in card
    assert "{}" not in card


def test_the_composer_and_its_note_lead_there(hers: Client) -> None:
    assert f'href="{CARD}"' in hers.get("/create/").content.decode()
    unknown = {"prompt": "Schrödinger equation", "model": "bundled"}
    note = hers.post("/create/price/", unknown, headers=FRAGMENT).content.decode()
    assert f'href="{CARD}#words"' in note


def test_pictures_from_elsewhere_and_html_are_ignored() -> None:
    html = markdown.render(
        "# Title\n\n![A sheet](https://example.org/x.png) <img src=x>\n\n|a|\n|-|\n|b|\n",
        picture_of=lambda source: {"src": "/mine.png"} if source == "mine.png" else None,
    )
    assert "<img" not in html
    assert "A sheet" in html
    assert '<div class="table-scroll" tabindex="0" role="region" aria-label="Title">' in html
    assert '<img src="/mine.png" alt="x" />' in markdown.render(
        "![x](mine.png)", picture_of=lambda _source: {"src": "/mine.png"}
    )
