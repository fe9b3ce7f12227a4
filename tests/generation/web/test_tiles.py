"""Tiles are rendered once and filled in: the same markup as rendering the template for each of them."""

from __future__ import annotations

import itertools

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix
from django.utils import timezone

from accounts.models import User
from generation.models import Picture
from generation.pictures import history
from generation.views import tile_templates
from generation.views.tiles import Tile, tiles
from tests.generation.web.makers import make_picture

PROMPTS = [
    "a red sailboat",
    "<script>alert('1')</script> & \"more\"",
    "{{ tile.key }} {% url %} %(prompt)s \\1 \ue000alt\ue001",
    "long " * 60,
    "e\u0301" * 150,
    "红色的房子" * 50,
]


def same(template: str, shown: list[Tile], **flags: bool) -> None:
    rendered = "".join(render_to_string(template, {"tile": tile, **flags}) for tile in shown)
    assert tile_templates.draw(template, shown, **flags) == rendered


@pytest.fixture
def pictures(alice: User) -> list[Picture]:
    made = []
    for minute, (prompt, thumbnails, loved) in enumerate(
        itertools.product(PROMPTS, [True, False], [True, False])
    ):
        picture = make_picture(alice, minutes=minute, thumbnails=thumbnails, width=100 + 40 * minute)
        chosen = timezone.now() if loved else None
        Picture.objects.filter(pk=picture.pk).update(prompt=prompt, favourite_at=chosen)
        made.append(picture)
    return history.newest(user=alice, size=100).pictures


@pytest.mark.parametrize("selectable", [True, False])
@pytest.mark.parametrize("in_trash", [True, False])
def test_tiles_of_the_history_are_as_the_template_draws_them(
    pictures: list[Picture], selectable: bool, in_trash: bool
) -> None:
    same("generation/_tile.html", tiles(pictures), selectable=selectable, in_trash=in_trash)


@pytest.mark.parametrize("in_dialog", [True, False])
def test_tiles_to_choose_from_are_as_the_template_draws_them(
    pictures: list[Picture], in_dialog: bool
) -> None:
    same("generation/_picker_tile.html", tiles(pictures), in_dialog=in_dialog)


def test_a_site_below_a_folder_has_its_own_addresses(pictures: list[Picture]) -> None:
    same("generation/_tile.html", tiles(pictures))
    set_script_prefix("/below/")
    try:
        same("generation/_tile.html", tiles(pictures))
        assert 'src="/below/' in tile_templates.draw("generation/_tile.html", tiles(pictures))
    finally:
        clear_script_prefix()


def test_what_was_written_stays_text_on_the_page(hers: Client, pictures: list[Picture]) -> None:
    page = hers.get("/history/").content.decode()
    assert "<script>alert('1')" not in page
    assert page.count("&lt;script&gt;alert(&#x27;1&#x27;)") >= 4
    assert page.count('class="picture-tile') == len(pictures)
