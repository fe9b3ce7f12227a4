"""Up to four reference pictures in the composer, by file, drop and paste and from the history, and the edit of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from generation.requests.sizes import SHAPES
from tests.generation.engine.tiny import flux2_klein
from tests.generation.files import specimens
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

GENERATE = re.compile("^Generate")
DROP = """
([how, names]) => {
  const data = new DataTransfer();
  for (const text of names) {
    data.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], 'a.png', {type: 'image/png'}));
  }
  const event = how === 'paste'
    ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
  document.querySelector('prompt-composer textarea').dispatchEvent(event);
}
"""
MODELS = """
[models.flux2-klein-4b]
enabled = true
label = "Klein"
source = "{folder}"

[models.flux2-klein-4b.base_sizes]
{sizes}
"""


@pytest.fixture
def own_models(start_site: Callable[..., Site], tmp_path: Path) -> Site:
    """A site with the shipped model and one that takes four references."""
    folder = tmp_path / "klein"
    folder.mkdir()
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    (tmp_path / "catalogue.toml").write_text(MODELS.format(folder=flux2_klein.save(folder), sizes=sizes))
    return start_site(IMAGE2_CATALOGUE=str(tmp_path / "catalogue.toml"))


@pytest.mark.long
def test_four_pictures_by_every_way_become_one_edit(own_models: Site, new_page: Pages, page: Page) -> None:
    site = own_models
    site.wait_until_ready()
    sign_up(page, site)
    page.get_by_role("textbox", name="Describe the picture").fill("a red house")
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator("#feed .picture-tile")).to_have_count(1, timeout=120_000)

    pictures = page.get_by_role("img", name=re.compile("^Reference picture"))
    choose(page, "Klein")
    page.evaluate(DROP, ["drop", [a_png("red"), a_png("blue")]])
    expect(pictures).to_have_count(2)
    expect(page.get_by_text("Picture 1 changes as the prompt says.")).to_be_visible()
    page.get_by_role("button", name="From history").click()
    page.get_by_role("dialog").get_by_role("link", name="a red house").click()
    expect(pictures).to_have_count(3)
    page.evaluate(DROP, ["paste", [a_png("green")]])
    expect(pictures).to_have_count(4)

    new_page.expect_error("422")
    # One more is refused by a sentence, and those there were stay.
    page.evaluate(DROP, ["paste", [a_png("white")]])
    alert = page.locator("#composer-reference").get_by_role("alert")
    expect(alert).to_have_text("This model takes at most 4 reference pictures. Remove one first.")
    expect(pictures).to_have_count(4)
    page.get_by_role("button", name="Remove reference picture 2").click()
    expect(pictures).to_have_count(3)
    expect(alert).to_have_count(0)

    # The shipped model takes one: it says so before anything is ordered, and nothing is lost.
    choose(page, "Image 2 Poster")
    expect(page.locator("#composer-quote")).to_contain_text("This model takes one reference picture.")
    expect(page.get_by_role("button", name=GENERATE)).to_be_disabled()
    choose(page, "Klein")
    expect(page.get_by_role("button", name=GENERATE)).to_be_enabled()

    page.get_by_role("textbox", name="Describe the picture").fill("the house at night")
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator("#feed")).to_contain_text("the house at night", timeout=60_000)
    expect(page.locator("#feed .picture-tile")).to_have_count(2, timeout=120_000)


@pytest.mark.long
def test_one_picture_is_edited_or_started_from(own_models: Site, page: Page) -> None:
    site = own_models
    site.wait_until_ready()
    sign_up(page, site)
    choose(page, "Klein")
    page.evaluate(DROP, ["drop", [a_png("red")]])
    expect(page.get_by_text("Describe the change")).to_be_visible()
    page.get_by_role("radio", name="Start from it").check()
    expect(page.get_by_role("spinbutton", name="How much may change")).to_be_visible()
    page.reload()  # a draft
    expect(page.get_by_role("radio", name="Start from it")).to_be_checked()
    choose(page, "Image 2 Poster")
    expect(page.get_by_role("radio", name="Start from it")).to_have_count(0)
    expect(page.get_by_role("spinbutton", name="How much may change")).to_be_visible()


def choose(page: Page, model: str) -> None:
    page.get_by_text("All 2 models").click()
    page.get_by_role("radio", name=model).click()


def a_png(colour: str) -> str:
    levels = {"red": b"\xff\0\0", "green": b"\0\xff\0", "blue": b"\0\0\xff", "white": b"\xff\xff\xff"}[colour]
    return base64.b64encode(specimens.png(16, 16, 8, 2, (b"\0" + levels * 16) * 16)).decode()
