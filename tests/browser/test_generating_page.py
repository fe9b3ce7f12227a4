"""A part of a picture is filled by the bundled model, from the editor's page to the layer, on the real site."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, drag, wait_for
from tests.services.site import Site

from .people import sign_up
from .test_editor import WORK_MS, digest_of, exported, is_open, is_saved, pixels_of

pytestmark = pytest.mark.long

LEFT, TOP, RIGHT, BOTTOM = 120, 260, 420, 500


def credits_of(page: Page) -> int:
    found: int = page.evaluate(
        "fetch(editor.generating.site.addresses.generate).then((answer) => answer.json()).then((it) => it.credits)"
    )
    return found


def test_a_part_is_filled_and_charged_what_the_button_said(any_site: Site, page: Page) -> None:
    any_site.wait_until_ready()
    sign_up(page, any_site)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("a red sailboat on a calm sea")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    page.locator("a[href*='/pictures/']").first.click(timeout=WORK_MS)
    page.wait_for_url("**/pictures/**")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.wait_for_url("**/editor/**")
    is_open(page)
    before = pixels_of(exported(page))
    page.keyboard.press("Escape")
    unchanged = digest(page)

    page.keyboard.press("m")
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    page.keyboard.press("Shift+F")
    panel = page.locator("tool-options")
    panel.get_by_role("textbox", name="Prompt").fill("a house on a hill")
    panel.get_by_role("radio", name="2", exact=True).check(force=True)
    button = panel.locator("[data-part=order]")
    expect(button).to_have_attribute("aria-disabled", "false", timeout=WORK_MS)
    label = re.fullmatch(r"Fill · 2 variants · (\d+) credits?", button.inner_text())
    assert label
    had = credits_of(page)
    button.click()
    results = page.get_by_role("region", name="Results").locator("[data-result]")
    expect(results).to_have_count(2, timeout=WORK_MS)
    assert had - credits_of(page) == int(label.group(1))
    assert digest(page) == unchanged

    is_saved(page)
    page.reload()
    is_open(page)
    expect(results).to_have_count(2)
    results.last.click()
    # A result may come from another origin: it is shown in the strip and over the picture all the same.
    look = "editor.generating.ready.look.shown"
    wait_for(lambda: page.evaluate(f"{look}?.canvas.width") == 1024, "the result over the picture")
    wait_for(lambda: results.last.locator("img").evaluate("image => image.naturalWidth > 0"), "its thumbnail")
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    is_saved(page)
    assert digest(page) != unchanged
    after = pixels_of(exported(page))
    page.keyboard.press("Escape")
    different = np.argwhere((before != after).any(axis=-1))
    assert len(different) > 0
    assert (different.min(axis=0) >= (TOP, LEFT)).all()
    assert (different.max(axis=0) < (BOTTOM, RIGHT)).all()

    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == unchanged, "one press is one step")
    extended(page)
    page.goto(any_site.url + "/history/")
    expect(page.locator("a[href*='/pictures/']").first).to_be_visible()


def extended(page: Page) -> None:
    """Extend the picture to the right and use the result; what is exported is what is shown."""
    width, height = page.evaluate("[editor.state.width, editor.state.height]")
    page.keyboard.press("Shift+X")
    panel = page.locator("tool-options")
    panel.get_by_label("Right", exact=True).fill("256")
    panel.get_by_label("Right", exact=True).press("Enter")
    panel.get_by_role("radio", name="1", exact=True).check(force=True)
    button = panel.locator("[data-part=order]")
    expect(button).to_have_text(re.compile(r"^Extend · 1 variant · \d+ credits?$"))
    expect(button).to_have_attribute("aria-disabled", "false", timeout=WORK_MS)
    button.click()
    card = page.get_by_role("region", name="Results").locator(".result-card").first
    expect(card.locator("[data-result]")).to_have_count(1, timeout=WORK_MS)
    card.locator("[data-result]").click()
    page.get_by_role("button", name="Use", exact=True).click()
    wait_for(lambda: page.evaluate("editor.state.width") == width + 256, "the larger canvas")
    is_saved(page)
    file = exported(page)
    page.keyboard.press("Escape")
    pixels = pixels_of(file)
    assert pixels.shape[:2] == (height, width + 256)
    assert digest_of(pixels) == digest(page)
