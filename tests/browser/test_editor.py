"""The editor on the real site: from a picture, an upload or nothing, to a picture in the history, to the byte."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.editor.driving import colour, digest, drag, wait_for
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

TILE = 256
WORK_MS = 120_000  # a worker's turn on a busy machine

pytestmark = pytest.mark.long


def digest_of(pixels: NDArray[np.uint8]) -> str:
    """Return what docs/editor.md calls the digest, of the pixels of a file: [h, w, 4]."""
    height, width = pixels.shape[:2]
    clean = np.where(pixels[..., 3:] == 0, 0, pixels).astype(np.uint8)
    whole = hashlib.sha256()
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = np.zeros((TILE, TILE, 4), np.uint8)
            part = clean[top : top + TILE, left : left + TILE]
            tile[: part.shape[0], : part.shape[1]] = part
            whole.update(hashlib.sha256(tile.tobytes()).digest())
    return whole.hexdigest()


def pixels_of(file: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(file)) as image:
        return np.array(image.convert("RGBA"))


def is_open(page: Page) -> None:
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready", timeout=30_000)
    expect(page.locator("layer-list .layer").first).to_be_attached()


def is_saved(page: Page) -> None:
    """Everything is on the server."""
    page.evaluate("editor.link.ask('settled')")
    expect(page.locator("[data-part=saved]")).to_have_attribute("data-state", "saved")


def new_canvas(page: Page, site: Site, width: int = 700, height: int = 500) -> str:
    page.goto(site.url + "/editor/new/")
    page.get_by_label("Size", exact=True).select_option("custom")
    page.get_by_label("Width in pixels").fill(str(width))
    page.get_by_label("Height in pixels").fill(str(height))
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile(r"/editor/[0-9a-f-]{36}/$"))
    is_open(page)
    return page.url


def exported(page: Page, form: str = "PNG") -> bytes:
    """Save the document as a picture, as a person does; return the downloaded file. The dialog stays open."""
    page.get_by_role("button", name="Save as", exact=True).click()
    dialog = page.get_by_role("dialog", name="Save as", exact=True)
    dialog.get_by_role("radio", name=form).check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_text("The picture is in your history.")).to_be_visible(timeout=WORK_MS)
    with page.expect_download() as waiting:
        dialog.get_by_role("link", name="Download").click()
    return Path(waiting.value.path()).read_bytes()


def a_png(width: int = 320, height: int = 200) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_made_picture_is_edited_reloaded_and_saved_to_the_byte(any_site: Site, page: Page) -> None:
    any_site.wait_until_ready()
    sign_up(page, any_site)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("a red sailboat on a calm sea")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    page.locator("a[href*='/pictures/']").first.click(timeout=WORK_MS)
    page.wait_for_url("**/pictures/**")
    picture = page.url
    href = page.locator("a.picture-full").get_attribute("href") or ""
    master = page.request.get(any_site.url + href).body()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.wait_for_url("**/editor/**")
    is_open(page)
    assert digest(page) == digest_of(pixels_of(master)), "it opens with the picture's own pixels"

    opened = digest(page)
    drag(page, (100, 100), (400, 250), (700, 120))
    painted = digest(page)
    page.keyboard.press("e")
    drag(page, (300, 50), (300, 400))
    erased = digest(page)
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == painted, "undo")
    assert len({opened, painted, erased}) == 3
    is_saved(page)
    page.reload()
    is_open(page)
    assert digest(page) == painted, "after a reload everything is back"

    page.keyboard.press("Shift+N")
    page.keyboard.press("m")
    drag(page, (50, 50), (250, 200))
    page.keyboard.press("Alt+Backspace")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    assert colour(page, 150, 100)[3] == 255
    shown = digest(page)
    file = exported(page)
    assert digest_of(pixels_of(file)) == shown

    page.get_by_role("link", name="Open the picture").click()
    page.wait_for_url("**/pictures/**")
    assert page.url != picture
    expect(page.get_by_role("heading", name="Lineage")).to_be_visible()
    page.goto(any_site.url + "/history/")
    expect(page.locator("a[href*='/pictures/']")).to_have_count(2)


def test_an_upload_and_a_file_are_opened_with_their_pixels(site: Site, page: Page, tmp_path: Path) -> None:
    sign_up(page, site)
    expected = digest_of(pixels_of(a_png()))
    sent = tmp_path / "noise.png"
    sent.write_bytes(a_png())
    page.goto(site.url + "/uploads/")
    page.locator("input[type=file]").first.set_input_files(sent)
    page.locator("#main a[href*='/uploads/']").first.click(timeout=WORK_MS)
    page.get_by_role("button", name="Edit", exact=True).click()
    is_open(page)
    assert digest(page) == expected

    page.goto(site.url + "/editor/new/")
    page.locator("#file").set_input_files(sent)
    page.get_by_role("button", name="Open this file").click()
    is_open(page)
    assert digest(page) == expected
    page.goto(site.url + "/editor/")
    expect(page.locator(".document-card")).to_have_count(2)


def test_a_document_is_renamed_and_its_versions_are_found_again(site: Site, page: Page) -> None:
    sign_up(page, site)
    new_canvas(page, site)
    page.get_by_role("button", name="Untitled").click()
    page.get_by_label("Name", exact=True).fill("Harbour at dawn")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-part=title]").first).to_have_text("Harbour at dawn")

    drag(page, (100, 100), (500, 300))
    first = digest(page)
    page.get_by_role("button", name="Name this version").click()
    page.get_by_label("Name", exact=True).fill("Only a line")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history-version")).to_have_text("Only a line")
    drag(page, (100, 300), (500, 100))
    assert digest(page) != first
    is_saved(page)
    page.reload()
    is_open(page)
    page.get_by_role("button", name="Only a line").click()
    wait_for(lambda: digest(page) == first, "the version")
    is_saved(page)
    page.goto(site.url + "/editor/")
    expect(page.locator(".document-card")).to_contain_text("Harbour at dawn")


@pytest.mark.parametrize(
    "form", ["JPEG", *(pytest.param(form, marks=pytest.mark.long) for form in ("WebP", "AVIF"))]
)
def test_other_formats_are_saved(site: Site, page: Page, form: str) -> None:
    sign_up(page, site)
    new_canvas(page, site, 300, 200)
    drag(page, (50, 50), (250, 150))
    with Image.open(io.BytesIO(exported(page, form))) as image:
        assert (image.format, image.size) == (form.upper(), (300, 200))


def test_documents_are_copied_thrown_away_and_brought_back(site: Site, page: Page) -> None:
    sign_up(page, site)
    new_canvas(page, site)
    drag(page, (100, 100), (500, 300))
    is_saved(page)
    page.goto(site.url + "/editor/")
    expect(page.locator(".document-card")).to_have_count(1)
    page.get_by_role("button", name="Actions for Untitled").click()
    page.get_by_role("button", name="Duplicate").click()
    expect(page.locator(".document-card")).to_have_count(2)
    page.get_by_role("button", name="Actions for Untitled (copy)").click()
    page.get_by_role("button", name="Move to trash").last.click()
    expect(page.locator(".document-card")).to_have_count(1)
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Restore").click()
    page.goto(site.url + "/editor/trash/")
    expect(page.get_by_text("The trash is empty")).to_be_visible()


def test_what_somebody_else_draws_is_not_there(site: Site, page: Page, new_page: Pages) -> None:
    sign_up(page, site)
    address = new_canvas(page, site)
    stranger = new_page(viewport={"width": 1000, "height": 700})
    new_page.expect_error("the server responded with a status of 404")
    sign_up(stranger, site)
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 404
    stranger.goto(site.url + "/editor/")
    expect(stranger.get_by_text("No documents yet")).to_be_visible()


def test_what_a_browser_keeps_of_documents_can_be_removed(site: Site, page: Page) -> None:
    sign_up(page, site)
    address = new_canvas(page, site)
    drag(page, (100, 100), (500, 300))
    shown = digest(page)
    is_saved(page)
    page.goto(site.url + "/editor/")
    page.get_by_role("button", name="Remove the copies").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("This browser's copies were removed.")).to_be_visible()
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("caches.keys()") == []
    page.goto(address)
    is_open(page)
    assert digest(page) == shown, "the server has it all"


def test_copies_of_a_deleted_document_leave_the_browser_and_others_stay(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("the server responded with a status of 404")
    sign_up(page, site)
    for _document in range(2):
        new_canvas(page, site)
        drag(page, (100, 100), (500, 300))
        is_saved(page)
    kept = """async () => {
      const [{ name }] = await indexedDB.databases();
      const database = await new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      const count = (store) => new Promise((resolve) => {
        const request = database.transaction(store).objectStore(store).count();
        request.onsuccess = () => resolve(request.result);
      });
      const found = [await count('heads'), await count('operations')];
      database.close();
      return found;
    }"""
    page.goto(site.url + "/editor/")
    assert page.evaluate(kept) == [2, 4]
    page.get_by_role("button", name="Actions for Untitled").first.click()
    page.locator("menu-list:popover-open").get_by_role("button", name="Move to trash").click()
    page.goto(site.url + "/editor/trash/")
    page.get_by_role("button", name="Delete permanently").click()
    page.goto(site.url + "/editor/")
    wait_for(lambda: page.evaluate(kept) == [1, 2], "the copy of the deleted document is gone")
