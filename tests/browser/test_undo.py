"""Deleting is taken back from the message that says it: where the picture was, with the keyboard, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long

TILES = "#feed .picture-tile"
# Rows without files: what is deleted and comes back is the row.
_THREE = """
from accounts.models import User
from tests.generation.web.makers import make_picture
for minute in range(3):
    make_picture(User.objects.get(email="{address}"), minutes=minute, thumbnails=False)
"""


def test_deleted_pictures_come_back_where_they_were(site: Site, page: Page) -> None:
    _make_three(page, site)
    page.goto(site.url + "/history/")
    there = _shown(page)
    page.locator(TILES).first.get_by_role("link").first.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    expect(page.locator(TILES)).to_have_count(1)
    message = page.get_by_role("status").filter(has_text="Moved to the trash")
    expect(message.get_by_role("button", name="Undo")).to_have_count(1)
    assert _focused(page) == there[2]

    page.keyboard.press("ControlOrMeta+z")
    expect(page.locator(TILES)).to_have_count(2)
    assert _focused(page) == there[1]
    message.get_by_role("button", name="Undo").click()
    expect(page.locator(TILES)).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="Restored.")).to_be_visible()
    expect(message.get_by_role("button", name="Undo")).to_have_count(0)
    assert (_shown(page), _focused(page)) == (there, there[0])

    # What came back is the picture itself, with all that can be done to it.
    page.keyboard.press("f")
    expect(page.locator(TILES).first.get_by_role("button", name="Favourite")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("Delete")
    expect(page.locator(TILES)).to_have_count(2)
    page.reload()
    assert _shown(page) == there[1:]

    emptied = page.get_by_role("heading", name="No pictures left")
    expect(emptied).to_be_hidden()
    page.locator(TILES).first.get_by_role("link").first.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    expect(emptied).to_be_visible()
    page.keyboard.press("ControlOrMeta+z")
    expect(emptied).to_be_hidden()


def test_a_picture_and_a_selection_are_taken_back_without_script(site: Site, new_page: Pages) -> None:
    scripted = new_page()
    _make_three(scripted, site)
    page = new_page(java_script_enabled=False, storage_state=scripted.context.storage_state())
    page.goto(site.url + "/history/")
    page.locator(TILES).first.get_by_role("link").first.click()
    picture = page.url
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator(TILES)).to_have_count(2)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    assert page.url == picture
    expect(page.get_by_role("status")).to_contain_text("Restored.")

    page.goto(site.url + "/history/")
    for box in page.get_by_role("checkbox", name=re.compile("^Select")).all():
        box.check()
    page.locator("button[name=action][value=delete]").click()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("3 pictures restored.")
    expect(page.locator(TILES)).to_have_count(3)


def _make_three(page: Page, site: Site) -> None:
    address = sign_up(page, site)
    site.manage("shell", "--no-imports", "-c", _THREE.format(address=address))


def _shown(page: Page) -> list[str | None]:
    return [tile.get_attribute("id") for tile in page.locator(TILES).all()]


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.picture-tile')?.id"))
