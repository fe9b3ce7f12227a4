"""An account is deleted, reopened by the link of the mail and used again: on a phone, without script, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import PASSWORD, log_in, sign_up

pytestmark = pytest.mark.long


def test_an_account_is_closed_and_reopened(site: Site, page: Page, new_page: Pages) -> None:
    address = sign_up(page, site)
    plain = new_page(
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
        viewport={"width": 390, "height": 844},
        color_scheme="dark",
    )
    plain.goto(site.url + "/account/")
    plain.get_by_role("link", name="Open Delete the account").press("Enter")
    expect(plain.get_by_role("heading", name="What is deleted")).to_be_visible()
    expect(plain.get_by_role("heading", name="What stays, and why")).to_be_visible()
    plain.locator("summary").first.press("Enter")
    expect(plain.locator("details[open] li").first).to_be_visible()
    plain.get_by_role("checkbox").press("Space")
    plain.get_by_role("button", name="Close and delete my account").press("Enter")
    expect(plain.get_by_role("heading", name="Confirm your identity")).to_be_visible()
    plain.get_by_label("Password", exact=True).fill(PASSWORD)
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", name="Your account is closed")).to_be_visible()

    page.goto(site.url + "/account/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    log_in(page, site, address)
    expect(page).not_to_have_url(re.compile("/create/"))

    link = re.search(
        rf"{site.url}/account/reopen/\S+", site.wait_for_mail(address, subject="Your account is closed")
    )
    assert link
    plain.goto(link[0])
    expect(plain.get_by_role("heading", name="Reopen your account?")).to_be_visible()
    plain.get_by_role("button", name="Reopen the account").press("Enter")
    new_page.expect_error("410")
    plain.goto(link[0])
    expect(plain.get_by_role("heading", name="This link no longer works")).to_be_visible()
    page.goto(site.url + "/accounts/login/")
    log_in(page, site, address)
    expect(page).to_have_url(re.compile("/create/"))
