"""What was recorded, read and deleted by its person: with the keyboard, without script, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long


def test_a_person_reads_and_deletes_what_was_recorded_and_turns_it_off(
    site: Site, page: Page, new_page: Pages
) -> None:
    sign_up(page, site)
    page.get_by_role("textbox", name="Describe").fill("a red sailboat")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".job-card, a[href*='/pictures/']").first).to_be_visible(timeout=30_000)

    plain = new_page(
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
        viewport={"width": 390, "height": 844},
    )
    plain.goto(site.url + "/account/")
    plain.locator(".settings-row", has_text="Your usage data").get_by_role("link").click()
    expect(plain.get_by_role("heading", name="Your usage data")).to_be_visible()
    expect(plain.get_by_text("You asked for a picture from words with Image 2 Poster")).to_be_visible()

    plain.get_by_role("button", name="Delete everything").press("Enter")
    expect(plain.get_by_text("1 entry was deleted.")).to_be_visible()
    expect(plain.get_by_role("heading", name="Nothing is recorded")).to_be_visible()
    plain.get_by_role("button", name="Turn off").press("Enter")
    expect(plain.get_by_role("heading", name="Recording is off")).to_be_visible()
