"""Starting from a picture of one's own: found by words, chosen with the keyboard, drawn from; and without script."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from tests.generation.files import specimens
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

GENERATE = re.compile("^Generate")
TILES = "#feed .picture-tile"


@pytest.mark.long
def test_a_picture_of_the_history_is_found_and_chosen_with_the_keyboard_and_drawn_from(
    site: Site, page: Page
) -> None:
    site.wait_until_ready()
    sign_up(page, site)
    _make(page, "a red sailboat on the sea", 1)
    _make(page, "two penguins in the snow", 2)
    page.get_by_role("textbox", name="Describe the picture").fill("three penguins at night")

    page.get_by_role("button", name="From history").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Start from one of your pictures")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("sailboat")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    expect(dialog.get_by_role("status")).to_have_text("1 picture")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("link", name="two penguins in the snow")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("link", name="a red sailboat on the sea")).to_be_focused()
    page.keyboard.press("Space")

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="From history")).to_be_focused()
    expect(page.get_by_role("img", name="Reference picture")).to_be_visible()
    expect(page.get_by_role("textbox", name="Describe the picture")).to_have_value("three penguins at night")
    page.get_by_role("spinbutton", name="How much may change").fill("0.4")
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator(TILES)).to_have_count(3, timeout=120_000)

    page.locator(TILES).first.get_by_role("link").first.click()
    page.wait_for_url("**/pictures/**")
    expect(page.get_by_role("link", name="Change 0.4")).to_be_visible()
    lineage = page.get_by_role("region", name="Lineage")
    expect(lineage.get_by_role("img", name="a red sailboat on the sea")).to_be_visible()


@pytest.mark.long
def test_without_script_the_list_is_a_page_and_nothing_typed_is_lost(site: Site, new_page: Pages) -> None:
    site.wait_until_ready()
    scripted = new_page()
    sign_up(scripted, site)
    _make(scripted, "a white lighthouse on the beach", 1)
    page = new_page(java_script_enabled=False, storage_state=scripted.context.storage_state())
    page.goto(site.url + "/create/")
    page.get_by_role("textbox", name="Describe the picture").fill("a lighthouse in a storm")
    page.get_by_role("radio", name="16:9").check()
    page.get_by_role("button", name="From history").click()
    page.wait_for_url("**/create/reference/pictures/")
    page.get_by_role("searchbox").fill("lighthouse")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="a white lighthouse on the beach").click()

    expect(page.get_by_role("img", name="Reference picture")).to_be_visible()
    expect(page.get_by_role("textbox", name="Describe the picture")).to_have_value("a lighthouse in a storm")
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    page.get_by_role("button", name=GENERATE).click()
    page.wait_for_url("**/jobs/**")
    expect(page.get_by_text("a lighthouse in a storm").first).to_be_visible()


GIVE = """
([how, type, text]) => {
  const file = new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], 'picture', {type});
  const data = new DataTransfer();
  data.items.add(file);
  const event = how === 'paste'
    ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
  document.querySelector('prompt-composer textarea').dispatchEvent(event);
}
"""
OTHERS = {
    "GIF": ("image/gif", b"GIF89a\1\0\1\0\0\0\0;"),
    "BMP": ("image/bmp", b"BM" + bytes(60)),
    "SVG": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "TIFF": ("image/tiff", b"II*\0" + bytes(60)),
    "PDF": ("application/pdf", b"%PDF-1.7\n"),
}


@pytest.mark.long
def test_what_is_pasted_or_dropped_is_taken_or_refused_by_its_name(
    site: Site, new_page: Pages, page: Page
) -> None:
    site.wait_until_ready()
    sign_up(page, site)
    new_page.expect_error("422")
    for name, (kind, content) in OTHERS.items():
        for how in ("paste", "drop"):
            page.get_by_role("textbox", name="Describe the picture").fill(f"{how} of {name}")
            page.evaluate(GIVE, [how, kind, base64.b64encode(content).decode()])
            refusal = page.locator("#composer-reference").get_by_role("alert")
            expect(refusal).to_contain_text(f"{name} files can't be used here")
            page.locator("#composer-reference").evaluate("element => { element.textContent = '' }")
    page.evaluate(GIVE, ["paste", "image/png", base64.b64encode(_png()).decode()])
    expect(page.get_by_role("img", name="Reference picture")).to_be_visible()
    expect(page.get_by_role("textbox", name="Describe the picture")).to_have_value("drop of PDF")


def _png() -> bytes:
    """A red picture with a wrong checksum in a note, as every browser shows it."""
    row = b"\0" + b"\xff\0\0" * 16
    note = specimens.chunk(b"tEXt", b"a\0b")[:-4] + b"\1\2\3\4"
    content = specimens.png(16, 16, 8, 2, row * 16)
    return content[:33] + note + content[33:]


def _make(page: Page, prompt: str, pictures: int) -> None:
    """Draw a picture; return when that many are there."""
    page.get_by_role("textbox", name="Describe the picture").fill(prompt)
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator(TILES)).to_have_count(pictures, timeout=120_000)
