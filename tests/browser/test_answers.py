"""An answer to htmx changes the page only if it is a fragment; whatever else it is, a message says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import end_session, sign_up

pytestmark = pytest.mark.long

# A picture without bytes behind it: what is asked of its files cannot be answered.
_PICTURES = """
from accounts.models import User
from tests.generation.web.makers import make_picture
for minute in range(2):
    make_picture(User.objects.get(email="{address}"), minutes=minute, thumbnails=False)
"""
TILES = "#feed .picture-tile"


def test_every_refusal_leaves_the_page_as_it_is_and_says_what_to_do(
    site: Site, page: Page, new_page: Pages, tmp_path: Path
) -> None:
    for status in ("401", "403", "404", "413", "422", "429", "500", "ERR_INTERNET_DISCONNECTED"):
        new_page.expect_error(status)
    new_page.expect_error("htmx:error")
    address = sign_up(page, site)
    site.manage("shell", "--no-imports", "-c", _PICTURES.format(address=address))
    page.goto(site.url + "/create/")
    picture = str(page.locator(TILES).first.get_attribute("data-picture"))

    # 422 is a fragment: the form with its errors, in its place.
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.locator("#composer-reference .field-error")).to_be_visible()
    before = _shape(page)

    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(110 * 2**20)
    page.locator("input[type=file]").set_input_files(huge)
    _said(page, "This is too large to send")

    # Gone meanwhile: deleted for good in another tab.
    other = page.context.new_page()
    other.goto(site.url + "/history/")
    other.locator(TILES).first.get_by_role("button", name="Move to trash").click()
    expect(other.locator(TILES)).to_have_count(1)
    other.goto(site.url + "/history/trash/")
    other.get_by_role("button", name="Empty the trash").click()
    other.get_by_role("button", name="Delete permanently").click()
    expect(other.get_by_role("heading", name="The trash is empty")).to_be_visible()
    other.close()
    page.locator(TILES).first.get_by_role("button", name="Favourite").click()
    _said(page, "This isn't there any more", button="Reload")

    left = str(page.locator(TILES).nth(1).get_attribute("data-picture"))
    assert left != picture
    assert _ask(page, "GET", f"/files/picture/{left}/download/png").status == 500
    _said(page, "Something went wrong on our side")

    # A whole page is no part of one, however well it was meant.
    assert _ask(page, "GET", "/history/").status == 200
    _said(page, "This didn't work", button="Reload")

    for _try in range(40):
        answer = _ask(page, "POST", "/accounts/password/reset/", email=address)
        if answer.status == 429:
            break
    assert answer.status == 429
    _said(page, "Too many requests")

    page.context.set_offline(True)
    page.locator(TILES).nth(1).get_by_role("button", name="Favourite").click()
    _said(page, "You are offline. Try again")
    page.context.set_offline(False)

    token = page.context.cookies()
    page.context.clear_cookies(name="csrftoken")
    page.locator(TILES).nth(1).get_by_role("button", name="Favourite").click()
    _said(page, "This page is out of date", button="Reload")
    page.context.add_cookies(token)  # type: ignore[arg-type]  # what cookies() returns, add_cookies() takes

    end_session(page, site)
    page.locator(TILES).nth(1).get_by_role("button", name="Favourite").click()
    _said(page, "You are logged out", link="Log in")
    assert page.url == site.url + "/create/"
    assert _shape(page) == before


def test_a_policy_to_accept_is_shown_without_leaving_the_page(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("409")
    sign_up(page, site)
    site.manage("shell", "--no-imports", "-c", _NEW_POLICY)
    try:
        page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("two penguins in the snow")
        said = _said(page, "Our privacy policy has changed", link="Read it")
        assert page.url.endswith("/create/")
        said.get_by_role("link", name="Read it").click()
        page.wait_for_url("**/privacy/accept/")
    finally:
        site.manage("shell", "--no-imports", "-c", _NO_NEW_POLICY)


_NEW_POLICY = """
from django.utils import timezone
from privacy.models import PolicyVersion
now = timezone.now()
PolicyVersion.objects.create(version="99", summary="Something is new.", body="# New", effective_at=now,
    published_at=now, requires_acceptance=True)
"""
_NO_NEW_POLICY = """
from privacy.models import PolicyVersion
PolicyVersion.objects.filter(version="99").delete()
"""


def _ask(page: Page, method: str, address: str, **values: str) -> Response:
    """Let htmx ask for this address as a fragment of the form would, and wait for the answer."""
    with page.expect_response(lambda response: address in response.url) as answer:
        page.evaluate(
            """([method, address, values]) => htmx.ajax(method, address,
                {source: document.body, target: "#composer", swap: "outerHTML", values})""",
            [method, address, values],
        )
    return answer.value


def _said(page: Page, words: str, *, button: str = "", link: str = "") -> Locator:
    toast = page.locator("toast-region .toast-error").filter(has_text=words)
    expect(toast).to_be_visible()
    expect(toast).to_have_count(1)
    if button:
        expect(toast.get_by_role("button", name=button)).to_be_visible()
    if link:
        expect(toast.get_by_role("link", name=link)).to_be_visible()
        return toast
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    return toast


def _shape(page: Page) -> list[int]:
    """How often the parts are there that a page within the page would double."""
    return [page.locator(part).count() for part in ("main", "header.site-header", "#composer", TILES, "h1")]
