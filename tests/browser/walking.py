"""The main line as a person walks it, on whatever serves it: processes of this machine, or containers."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from .people import Place, sign_up

GENERATE = re.compile("^Generate")


def walk_the_main_line(page: Page, site: Place) -> None:
    """Sign up, type a prompt, wait, find the picture in the history and open its 4K file; end on its page."""
    site.wait_until_ready()
    sign_up(page, site)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill(
        "a red sailboat on a calm sea at sunset"
    )
    page.get_by_role("radio", name="16:9").check()
    page.get_by_role("radio", name="4K").check()
    # Pressed before the new price is shown, the button would ask again, as it should.
    expect(page.get_by_role("button", name=GENERATE)).to_contain_text("4 credits")
    page.get_by_role("button", name=GENERATE).click()

    card = page.locator("job-card")
    expect(card).to_be_visible()
    previews: set[str] = set()
    tile = page.locator("a[href*='/pictures/']").first
    for _turn in range(600):
        if tile.count():
            break
        shown = page.locator("img.job-preview")
        if shown.count():
            previews.add(shown.first.get_attribute("src", timeout=2000) or "")
        page.wait_for_timeout(100)
    expect(tile).to_be_visible()
    assert previews, "no preview was shown while it was drawn"

    tile.click()
    page.wait_for_url("**/pictures/**")
    expect(page.get_by_text("a red sailboat on a calm sea at sunset").first).to_be_visible()
    picture_url = page.url
    page.goto(site.url + "/history/")
    expect(page.locator("a[href*='/pictures/']")).to_have_count(1)

    page.goto(picture_url)
    file = download(page, "PNG")
    with Image.open(io.BytesIO(file)) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (3840, 2160))
        assert "a red sailboat" in str(picture.info)
    assert b"trainedAlgorithmicMedia" in file


def download(page: Page, label: str) -> bytes:
    """The bytes of the file behind the download menu's entry."""
    page.get_by_role("button", name=re.compile("Download")).first.click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile(label)).first.click()
    return Path(waiting.value.path()).read_bytes()
