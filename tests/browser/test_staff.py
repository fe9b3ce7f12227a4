"""A member of staff with a password sets up a passkey in a real browser, and the operator's pages open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.site import Site

from .people import PASSWORD, new_address, plug_in_key, sign_up

pytestmark = pytest.mark.long

_MAKE_STAFF = """
from accounts.models import User
User.objects.filter(email="{address}").update(is_staff=True, is_superuser=True)
"""


def test_a_passkey_opens_the_operators_pages(site: Site, page: Page) -> None:
    home = site.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, never to an address
    plug_in_key(page)
    address = sign_up(page, site, name="Carol", address=new_address())
    site.manage("shell", "--no-imports", "-c", _MAKE_STAFF.format(address=address))

    page.goto(home + "/accounts/login/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/create/**")
    page.goto(home + "/admin/")
    expect(page).to_have_url(re.compile("/accounts/2fa/$"))
    expect(page.get_by_text("Staff need a second factor")).to_be_visible()

    page.get_by_role("link", name="Add").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label(re.compile("Name")).fill("My key")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/accounts/2fa/(webauthn/$|recovery-codes/)"))

    page.goto(home + "/admin/")
    expect(page).to_have_url(re.compile("/accounts/2fa/webauthn/reauthenticate/"))
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(home + "/admin/")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
