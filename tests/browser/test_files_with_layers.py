"""Files with layers come in, a time-lapse goes out, a picture is taken apart: from the page, on the real site."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.services.site import Site

from .people import sign_up
from .test_editor import WORK_MS, is_open

pytestmark = pytest.mark.long

STRANGE = Path(__file__).parents[1] / "editor" / "files" / "strange"


def open_gimp_file(page: Page, site: Site) -> None:
    page.goto(site.url + "/editor/new/")
    page.locator("input[name=file]").set_input_files(STRANGE / "gimp-groups.psd")
    page.get_by_role("button", name="Open this file").click()
    page.wait_for_url(re.compile(r"/editor/[0-9a-f-]{36}/"))
    is_open(page)


def test_a_photoshop_file_opens_with_its_layers_and_leaves_as_a_time_lapse(site: Site, page: Page) -> None:
    site.wait_until_ready()
    sign_up(page, site)
    open_gimp_file(page, site)
    for name in ("Base", "Things", "Übung", "Hidden"):
        expect(page.locator("layer-list").get_by_text(name, exact=True)).to_be_visible()

    page.get_by_role("button", name="Save as", exact=True).click()
    dialog = page.get_by_role("dialog", name="Save as", exact=True)
    dialog.get_by_role("radio", name="Time-lapse").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    link = dialog.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=WORK_MS)
    with page.expect_download() as download:
        link.click()
    with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as film:
        assert (film.format, film.size, film.is_animated) == ("WEBP", (40, 30), True)  # type: ignore[attr-defined]


def test_a_picture_of_the_bundled_model_opens_as_layers(site: Site, page: Page) -> None:
    site.wait_until_ready()
    sign_up(page, site)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("a red house in a meadow")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    page.locator("a[href*='/pictures/']").first.click(timeout=WORK_MS)
    page.wait_for_url("**/pictures/**")
    page.get_by_role("button", name="Open as layers").click()
    page.wait_for_url("**/editor/**#layers")
    is_open(page)
    button = page.locator("tool-options [data-part=order]")
    expect(button).to_have_attribute("aria-disabled", "false", timeout=WORK_MS)
    assert re.fullmatch(r"Split · .+ · \d+ credits?", button.inner_text())
    button.click()
    results = page.get_by_role("region", name="Results").locator("[data-result]")
    expect(results.nth(1)).to_be_visible(timeout=WORK_MS)
    results.first.click()
    page.get_by_role("button", name="Use all layers").click()
    expect(page.locator("layer-list").get_by_text("House", exact=True)).to_be_visible()
    expect(page.locator("layer-list .layer-label", has_text=re.compile("^Layers$"))).to_be_visible()
