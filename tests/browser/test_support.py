"""Support in a real browser: asked on a phone without script, answered by the operator's keyboard, read and closed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import new_address, session_of, sign_up

pytestmark = pytest.mark.long
PHONE = {"width": 390, "height": 844}


def ask(page: Page, site: Site, words: str, address: str = "") -> None:
    page.goto(site.url + "/support/")
    if address:
        page.get_by_label("Your e-mail address").fill(address)
    page.get_by_label("What is it about?").select_option("other")
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).press("Enter")


def test_a_question_is_asked_answered_read_and_closed(site: Site, page: Page, new_page: Pages) -> None:
    address = sign_up(page, site)
    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state(), viewport=PHONE)
    ask(plain, site, "Where is my picture?")
    expect(plain.get_by_text("Waiting for us")).to_be_visible()
    ticket = plain.url

    desk = new_page(viewport={"width": 820, "height": 1180}, color_scheme="dark")
    session_of(desk, site, staff=True)
    desk.goto(site.url + "/admin/privacy/ticket/")
    desk.get_by_role("textbox", name="Search").fill(address)
    desk.keyboard.press("Enter")
    desk.locator("#result_list tbody").get_by_role("link").first.press("Enter")
    expect(desk.get_by_text("Where is my picture?")).to_be_visible()
    desk.get_by_label("Text").fill("It was the third of the week.")
    desk.keyboard.press("Tab")
    while desk.evaluate("document.activeElement.value") != "note":
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Private note", exact=True)).to_be_visible()
    desk.get_by_label("Text").fill("It is in your trash.")
    desk.get_by_role("button", name="Send answer").press("Enter")
    expect(desk.get_by_text("The answer was sent.")).to_be_visible()

    mailed = site.wait_for_mail(address, subject="")
    assert "It is in your trash." in mailed
    assert ticket in mailed
    plain.goto(ticket)
    expect(plain.get_by_text("Waiting for you")).to_be_visible()
    expect(plain.get_by_text("It is in your trash.")).to_be_visible()
    expect(plain.get_by_text("third of the week")).to_have_count(0)
    assert plain.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    plain.get_by_role("button", name="Close ticket").press("Enter")
    expect(plain.get_by_text("This ticket is closed. A reply opens it again.")).to_be_visible()
    plain.get_by_role("link", name="Delete…").press("Enter")
    plain.get_by_role("button", name="Delete ticket").press("Enter")
    expect(plain).to_have_url(site.url + "/support/")
    new_page.expect_error("404")
    assert plain.goto(ticket).status == 404  # type: ignore[union-attr]


def test_a_visitor_reads_the_answer_by_the_link_of_their_mail(site: Site, new_page: Pages) -> None:
    address = new_address()
    visitor = new_page(java_script_enabled=False, viewport=PHONE, color_scheme="dark")
    ask(visitor, site, "I can't log in.", address)
    expect(visitor.get_by_text(re.compile("answer", re.IGNORECASE)).first).to_be_visible()

    desk = new_page()
    session_of(desk, site, staff=True)
    desk.goto(site.url + "/admin/privacy/ticket/?q=" + address)
    desk.locator("#result_list tbody").get_by_role("link").first.click()
    desk.get_by_label("Text").fill("Use the code that we mail you.")
    desk.get_by_role("button", name="Send and close").click()

    link = re.search(rf"{site.url}/support/mail/\S+", site.wait_for_mail(address))
    assert link
    visitor.goto(link[0])
    expect(visitor.get_by_text("Use the code that we mail you.")).to_be_visible()
    assert "/mail/" not in visitor.url
    ticket = visitor.url

    stranger = new_page()
    stranger.goto(ticket)
    expect(stranger).to_have_url(re.compile("/accounts/login/"))
