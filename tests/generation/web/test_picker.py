"""Choosing a reference from one's own pictures: pages, search, privacy; the form keeps what was typed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from generation.models import Job
from generation.pictures import trash
from generation.views.creating.picker import SHOWN
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_picture
from tests.generation.web.test_creating import TYPED, a_file, value_of

LIST = "/create/reference/pictures/"


def chosen(page: str) -> list[str]:
    return re.findall(r'href="/create/reference/([0-9a-f-]{36})/"', page)


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "dialog"])
def test_pages_put_together_are_the_whole_history_newest_first(
    hers: Client, alice: User, bob: User, headers: dict[str, str]
) -> None:
    made = [str(make_picture(alice, minutes=minute, thumbnails=False).pk) for minute in range(SHOWN + 3)]
    make_picture(bob, minutes=1)
    first = hers.get(LIST, headers=headers).content.decode()
    following = re.search(rf'href="({LIST}\?after=[^"]+)"', first)
    assert following
    rest = hers.get(following.group(1), headers=headers).content.decode()
    assert chosen(first) + chosen(rest) == made[::-1]
    assert f"{LIST}?after=" not in rest


def test_the_search_finds_by_words_and_keeps_them_for_the_next_page(hers: Client, alice: User) -> None:
    for minute in range(SHOWN + 1):
        make_picture(alice, minutes=minute, prompt="two penguins", thumbnails=False)
    make_picture(alice, minutes=99, prompt="a red house", thumbnails=False)
    page = hers.get(LIST, {"q": "penguins"}).content.decode()
    assert len(chosen(page)) == SHOWN
    assert "a red house" not in page
    assert f"{LIST}?q=penguins&amp;after=" in page
    assert "Nothing found" in hers.get(LIST, {"q": "zebra"}, headers=FRAGMENT).content.decode()


def test_a_chosen_picture_is_put_into_the_open_form_with_its_strength(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    answer = hers.get(f"/create/reference/{picture.pk}/", {"strength": "0.35"}, headers=FRAGMENT)
    page = answer.content.decode()
    assert value_of(page, "reference") == f"picture:{picture.pk}"
    assert re.search(r'name="strength"[^>]*value="0.35"', page)
    assert answer.headers["HX-Trigger"] == "reference-changed"
    hers.post("/create/", TYPED | {"reference": f"picture:{picture.pk}", "strength": "0.35"})
    asked = Job.objects.get().request
    assert (asked["kind"], asked["reference"], asked["strength"]) == (
        "image_to_image",
        f"picture:{picture.pk}",
        0.35,
    )


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "dialog"])
def test_other_peoples_and_deleted_pictures_cannot_be_chosen(
    hers: Client, alice: User, bob: User, headers: dict[str, str]
) -> None:
    his, thrown = make_picture(bob), make_picture(alice)
    trash.delete(user=alice, pictures=[thrown.pk])
    for picture in (his, thrown):
        assert hers.get(f"/create/reference/{picture.pk}/", headers=headers).status_code == 404


def test_without_script_everything_typed_is_there_again_with_the_picture(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    typed = TYPED | {"prompt": "a green boat", "seed": "77", "negative_prompt": "clouds"}
    assert hers.post("/create/", typed | {"action": "pick_reference"})["Location"] == LIST
    assert not Job.objects.exists()
    answer = hers.get(f"/create/reference/{picture.pk}/", follow=True)
    page = answer.content.decode()
    assert value_of(page, "reference") == f"picture:{picture.pk}"
    assert ">a green boat</textarea>" in page
    assert (value_of(page, "seed"), value_of(page, "negative_prompt")) == ("77", "clouds")
    assert re.search(r'name="size"\s+value="4k"\s+checked', page)


def test_leaving_the_list_without_a_picture_keeps_the_reference_there_was(hers: Client) -> None:
    hers.post("/create/", TYPED | {"action": "pick_reference", "reference_file": a_file()})
    page = hers.get("/create/?draft=1").content.decode()
    assert value_of(page, "reference").startswith("upload:")
    assert value_of(hers.get("/create/").content.decode(), "reference") == ""


def test_a_draft_does_not_outlive_the_picture_that_was_ordered(hers: Client) -> None:
    hers.post("/create/", TYPED | {"action": "pick_reference", "prompt": "secret words"})
    hers.post("/create/", TYPED)
    assert "secret words" not in hers.get("/create/?draft=1").content.decode()
