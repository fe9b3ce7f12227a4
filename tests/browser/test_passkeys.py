"""Somebody who never has a password: signs up with a passkey, logs in with it, and removes it later."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.site import Site

from .people import PASSWORD, code_of, new_address, plug_in_key


@pytest.mark.long
def test_a_passkey_is_enough_to_sign_up_and_to_log_in(site: Site, page: Page) -> None:
    home = site.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, never to an address
    plug_in_key(page)
    address = new_address()
    page.goto(home + "/accounts/signup/")
    page.get_by_role("link", name="Sign up with a passkey").click()
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label(re.compile("privacy policy")).check()
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("You have to be at least 16")).to_be_visible()
    page.get_by_label("I am 16 or older.").check()
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/accounts/confirm-email/**")
    page.locator("input[name=code]").fill(code_of(site.wait_for_mail(address)))
    page.locator("input[name=code]").press("Enter")
    page.get_by_role("button", name="Create a passkey").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    expect(page.locator(".recovery-codes li")).to_have_count(10)

    page.goto(home + "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url(home + "/")
    page.goto(home + "/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/create/**")

    page.goto(home + "/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You log in with this passkey only")).to_be_visible()
    page.goto(home + "/accounts/password/set/")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    page.wait_for_url("**/account/")
    page.goto(home + "/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
