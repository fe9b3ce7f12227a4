"""The row of styles in a browser: by keyboard, on a phone, and kept by the settings of the picture that it made."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

GENERATE = re.compile("^Generate")


def test_a_style_is_chosen_by_keyboard_on_a_phone_and_kept_by_the_same_settings(
    site: Site, new_page: Pages
) -> None:
    page: Page = new_page(viewport={"width": 390, "height": 844})
    sign_up(page, site)
    row = page.get_by_role("group", name="Style")
    row.get_by_role("radio", name="None").focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    chosen = row.get_by_role("radio", name="Starry night")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "only the row scrolls sideways"
    page.get_by_role("textbox", name="Describe the picture").fill("a yellow house on green hills")
    page.get_by_role("button", name=GENERATE).click()
    tile = page.locator("#feed .picture-tile")
    expect(tile).to_have_count(1, timeout=180_000)
    expect(row.get_by_role("radio", name="Starry night")).to_be_checked()
    tile.get_by_role("link").first.click()
    expect(page.locator("#prompt")).to_have_text("a yellow house on green hills")
    page.get_by_role("link", name="Run again").click()
    expect(page.get_by_role("group", name="Style").get_by_role("radio", name="Starry night")).to_be_checked()
