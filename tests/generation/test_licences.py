"""What people may do with a picture: every model of the catalogue has plain words, and the picture's page says them."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import User
from generation.requests import catalogue, licences
from generation.requests.recipe import EDITOR
from tests.generation.web.makers import make_picture


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.id)
def test_every_model_of_the_catalogue_has_terms_of_its_own_licence(entry: catalogue.Entry) -> None:
    terms = licences.of_entry(entry)

    assert terms.name == entry.licence
    assert terms.short != licences.UNKNOWN.short
    assert ("including commercial work" in str(terms.short)) == entry.commercial_use


def test_ours_says_that_the_model_is_our_own_and_that_is_the_licence_of_this_project() -> None:
    terms = licences.of_model("bundled")

    assert "our own" in str(terms.short)
    assert "Apache License" in (catalogue.ROOT / "LICENSE").read_text()
    assert terms.name == "Apache-2.0"


@pytest.mark.parametrize(("model", "terms"), [("gone-since", licences.UNKNOWN), (EDITOR, licences.BY_HAND)])
def test_a_model_that_is_gone_and_the_editor_have_words_too(model: str, terms: licences.Terms) -> None:
    assert licences.of_model(model) == terms


@pytest.mark.django_db
def test_the_page_of_a_picture_says_what_may_be_done_with_it(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get(f"/pictures/{make_picture(alice).pk}/").text

    assert "What you may do with it" in page
    assert "Use it for anything, including commercial work. The model is our own." in page
    assert 'href="/licences/"' in page


@pytest.mark.django_db
def test_anybody_can_read_it_for_every_model_of_the_site(client: Client) -> None:
    answer = client.get("/licences/")

    assert answer.status_code == HTTPStatus.OK
    for entry in catalogue.enabled():
        assert f'id="{entry.id}"' in answer.text
