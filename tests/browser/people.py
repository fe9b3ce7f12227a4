"""What a person does first: signs up with a name and an address, and types the code from the mail."""

from __future__ import annotations

import re
import uuid
from typing import Protocol

from playwright.sync_api import Page, expect

from tests.services.site import Site

PASSWORD = "correct horse battery staple"
# A security key that says yes to everything, in the browser's own implementation.
_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Place(Protocol):
    """What walking through a site asks of it, whatever it runs in."""

    url: str

    def wait_until_ready(self) -> None: ...

    def wait_for_mail(self, to: str) -> str: ...


def new_address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


def sign_up(page: Page, site: Place, *, name: str = "Ada Lovelace", address: str = "") -> str:
    """Sign up, verify the address with the mailed code, end on /create/; return the address."""
    address = address or new_address()
    page.goto(site.url + "/accounts/signup/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("I am 16 or older.").check()
    page.get_by_label(re.compile("privacy policy")).check()
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/accounts/confirm-email/**")
    page.locator("input[name=code]").fill(code_of(site.wait_for_mail(address)))
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/create/**")
    expect(page.get_by_role("textbox", name=re.compile("Describe|Prompt"))).to_be_visible()
    return address


def code_of(mail: str) -> str:
    """Return the code in the text of a mail: alone on its line."""
    found = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,6})\s*$", mail, re.MULTILINE)
    assert found, mail
    return found.group(1)


def plug_in_key(page: Page) -> None:
    """Give the browser an authenticator, so that it can make and use passkeys."""
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    key.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})


def log_in(page: Page, site: Site, address: str) -> None:
    """Fill in the log-in page that is open."""
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def end_session(page: Page, site: Site) -> None:
    """End the session on the server, as an expiry or another device does; the browser keeps its cookie."""
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    command = (
        f"from django.contrib.sessions.models import Session; print(Session.objects.get(pk={key!r}).delete())"
    )
    site.manage("shell", "--no-imports", "-c", command)


_SESSION = """
from django.test import Client
from tests.factories import log_in_staff, make_person
person = make_person({name!r}, {address!r}, is_staff={staff}, is_superuser={staff})
client = Client()
log_in_staff(client, person) if {staff} else client.force_login(person)
print("session:" + client.cookies["sessionid"].value)
"""


def session_of(page: Page, site: Site, *, name: str = "Carol", staff: bool = False) -> str:
    """Log a new person in without the pages for it, staff with their second factor; return the address."""
    address = new_address()
    command = _SESSION.format(name=name, address=address, staff=staff)
    printed = site.manage("shell", "--no-imports", "-c", command)
    key = next(line for line in printed.splitlines() if line.startswith("session:")).removeprefix("session:")
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
    return address
