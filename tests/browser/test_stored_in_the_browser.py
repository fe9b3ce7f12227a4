"""What the site leaves in a browser is what the policy says: every cookie and every stored key, page by page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from image2.lib.http import browser_storage, messages
from image2.lib.http.browser_storage import Place
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long

PUBLIC = ("/", "/pricing/", "/privacy/", "/support/", "/accounts/login/", "/models/bundled/")
OWN = (
    *("/create/", "/history/", "/history/trash/", "/credits/", "/billing/", "/account/"),
    *("/account/staff-access/", "/accounts/sessions/", "/accounts/2fa/", "/accounts/email/", "/editor/"),
)
HELD = """async () => [
  (await indexedDB.databases()).map(({ name }) => name),
  await caches.keys(),
]"""
KEYS = "() => [Object.keys(localStorage), Object.keys(sessionStorage)]"


def look(page: Page, found: set[tuple[Place, str]]) -> None:
    """Note what this browser holds now, also what scripts can't see."""
    found |= {(Place.COOKIE, cookie["name"]) for cookie in page.context.cookies()}
    local, session = page.evaluate(KEYS)
    found |= {(Place.LOCAL_STORAGE, name) for name in local}
    found |= {(Place.SESSION_STORAGE, name) for name in session}
    databases, caches = page.evaluate(HELD)
    found |= {(Place.DATABASE, name) for name in databases}
    found |= {(Place.CACHE, name) for name in caches}


def test_a_walk_through_the_site_finds_what_the_policy_declares(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("422")
    found: set[tuple[Place, str]] = set()
    # Django's cookie for a sentence on the next page is set by one answer and deleted by the next.
    page.on("response", lambda answer: found.update(_set_by(answer.all_headers().get("set-cookie", ""))))

    for path in PUBLIC:
        page.goto(site.url + path)
        look(page, found)
    assert {name for _place, name in found} <= {messages.COOKIE, "csrftoken"}, "nothing before it is needed"

    page.goto(site.url + "/support/")
    page.get_by_label("What is it about?").select_option("picture")
    page.get_by_label("Your message").fill("The third picture is upside down.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".field-error")).to_be_visible()
    look(page, found)

    sign_up(page, site)
    for path in OWN:
        page.goto(site.url + path)
        look(page, found)
    page.goto(site.url + "/account/")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    page.locator("#preferences-title ~ form").get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    look(page, found)
    page.goto(site.url + "/create/")
    page.get_by_role("textbox", name="Describe").fill("a red house")
    page.wait_for_timeout(500)
    look(page, found)
    page.goto(site.url + "/editor/new/")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready", timeout=30_000)
    page.keyboard.press("]")
    page.wait_for_timeout(2000)
    look(page, found)

    undeclared = {item for item in found if browser_storage.find(item[1], item[0]) is None}
    assert undeclared == set(), "add them to image2/lib/http/browser_storage.py"
    unseen = [
        item.name
        for item in browser_storage.stored()
        if not any(browser_storage.find(name, place) == item for place, name in found)
    ]
    assert unseen == [], "declared and never set; a walk that sets it belongs here"

    page.goto(site.url + "/privacy/#cookies")
    table = page.get_by_role("region", name="What we keep in your browser")
    for item in browser_storage.stored():
        row = table.get_by_role("row").filter(has=page.get_by_text(item.name, exact=True))
        expect(row.filter(has_text=str(item.place.label))).to_have_count(1)


def _set_by(header: str) -> set[tuple[Place, str]]:
    """The names in Set-Cookie headers, which Chromium joins by line breaks; deletions name what was set before."""
    return {(Place.COOKIE, line.partition("=")[0]) for line in header.split("\n") if "=" in line}
