"""What was typed into a form survives everything but being sent, and nobody else sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import end_session, log_in, sign_up

PROMPT = "a lighthouse that nobody has drawn yet"
MESSAGE = "The third picture of my last job is upside down."
# Longer than the wait before a draft is kept, and than the wait before a price is asked for.
A_MOMENT = 1200


@pytest.mark.long
def test_a_session_that_ends_while_somebody_types_takes_nothing_away(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("401")
    address = sign_up(page, site)
    page.goto(site.url + "/create/?suggestion=1")
    end_session(page, site)
    page.get_by_role("radio", name="16:9").check()
    _fine(page).fill("clouds")
    prompt(page).fill("")
    prompt(page).press_sequentially(PROMPT)

    said = page.get_by_role("status").filter(has_text="You are logged out")
    expect(said).to_be_visible()
    assert page.url == site.url + "/create/?suggestion=1"
    expect(prompt(page)).to_have_value(PROMPT)
    expect(page.locator("#composer #composer-quote [data-generate]")).to_be_visible()

    said.get_by_role("link", name="Log in").click()
    page.wait_for_url("**/accounts/login/**")
    log_in(page, site, address)
    page.wait_for_url("**/create/?suggestion=1")
    _everything_is_back(page)
    expect(page.get_by_role("status").filter(has_text="What you typed is back.")).to_be_visible()


@pytest.mark.long
def test_a_reload_back_and_another_visit_keep_the_prompt_and_its_settings(site: Site, page: Page) -> None:
    sign_up(page, site)
    _type(page)
    page.reload()
    _everything_is_back(page)

    page.goto(site.url + "/history/")
    page.go_back()
    _everything_is_back(page)

    page.goto(site.url + "/history/")
    page.goto(site.url + "/create/")
    _everything_is_back(page)

    page.get_by_role("button", name="Discard").click()
    expect(prompt(page)).to_have_value("")
    page.reload()
    expect(prompt(page)).to_have_value("")


@pytest.mark.long
def test_the_reference_picture_of_a_draft_is_back_too(site: Site, page: Page, tmp_path: Path) -> None:
    sign_up(page, site)
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "teal.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "teal.png")
    expect(page.locator("#composer-reference .thumb")).to_be_visible()
    page.get_by_role("spinbutton", name="How much may change").fill("0.3")
    _type(page)
    page.goto(site.url + "/create/")
    _everything_is_back(page)
    expect(page.locator("#composer-reference .thumb")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="How much may change")).to_have_value("0.3")


@pytest.mark.long
def test_a_refused_form_is_not_lost(site: Site, page: Page, new_page: Pages) -> None:
    new_page.expect_error("403")
    sign_up(page, site)
    _type(page)
    _spoil_token(page)
    page.locator("[data-generate]").click()
    said = page.get_by_role("status").filter(has_text="This page is out of date")
    expect(said).to_be_visible()
    expect(page.locator("main")).to_have_count(1)
    said.get_by_role("button", name="Reload").click()
    _everything_is_back(page)

    page.goto(site.url + "/support/")
    message(page).fill(MESSAGE)
    _spoil_token(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Your browser sent no cookie")).to_be_visible()
    page.get_by_role("link", name="Open the page again").click()
    expect(message(page)).to_have_value(MESSAGE)


@pytest.mark.long
def test_a_message_is_kept_through_a_log_in_and_goes_when_it_was_sent(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("422")
    address = sign_up(page, site)
    page.goto(site.url + "/account/")
    page.get_by_label("Name", exact=True).fill("Ada, Countess of Lovelace")
    page.wait_for_timeout(A_MOMENT)
    end_session(page, site)
    page.get_by_role("button", name="Save profile").click()
    page.wait_for_url("**/accounts/login/?next=/account/")
    log_in(page, site, address)
    page.wait_for_url("**/account/")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada, Countess of Lovelace")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("status").filter(has_text="Your profile was saved.")).to_be_visible()
    assert page.url == site.url + "/account/"

    page.goto(site.url + "/support/")
    message(page).fill(MESSAGE)
    page.locator("[name=category]").evaluate("select => { select.selectedOptions[0].value = 'no category' }")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".field-error")).to_be_visible()
    expect(message(page)).to_have_value(MESSAGE)
    page.get_by_label("What is it about?").select_option("fault")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Your message was sent.")).to_be_visible()
    assert _drafts(page) == []
    page.goto(site.url + "/support/")
    expect(message(page)).to_have_value("")


def test_the_next_person_on_this_browser_sees_nothing_of_it(site: Site, page: Page) -> None:
    owner = sign_up(page, site)
    _type(page)
    page.goto(site.url + "/support/")
    message(page).fill(MESSAGE)
    _log_out(page)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.goto(site.url + "/support/")
    expect(message(page)).to_have_value("")
    message(page).fill("Written by nobody in particular.")
    page.wait_for_timeout(A_MOMENT)
    page.reload()
    expect(message(page)).to_have_value("Written by nobody in particular.")

    sign_up(page, site, name="Bob")
    expect(prompt(page)).to_have_value("")
    page.goto(site.url + "/support/")
    expect(message(page)).to_have_value("")

    # Nor by going back to a page that the browser has kept whole.
    _log_out(page)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.goto(site.url + "/accounts/login/")
    log_in(page, site, owner)
    page.wait_for_url("**/create/**")
    _everything_is_back(page)
    _log_out(page)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.long
def test_passwords_consents_and_files_are_never_kept(site: Site, page: Page) -> None:
    page.goto(site.url + "/accounts/signup/")
    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("a password that is a secret")
    page.get_by_label("I am 16 or older.").check()
    page.get_by_label(re.compile("privacy policy")).check()
    page.wait_for_timeout(A_MOMENT)
    kept = _drafts(page)
    assert len(kept) == 1
    assert json.loads(kept[0])["values"] == {"name": ["Ada Lovelace"], "email": ["ada@example.org"]}
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))") == []


@pytest.mark.long
def test_drafts_are_bounded_and_expire(site: Site, page: Page) -> None:
    sign_up(page, site)
    _type(page)
    assert len(_drafts(page)) == 1
    page.evaluate("""() => {
        const [key] = Object.keys(localStorage).filter(name => name.startsWith("draft:"));
        const draft = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({...draft, at: draft.at - 8 * 24 * 3600 * 1000}));
        localStorage.setItem("draft:0123456789abcdef:support:/support/", JSON.stringify({at: 0, values: {}}));
    }""")
    page.goto(site.url + "/create/")
    expect(prompt(page)).to_have_value("")
    assert _drafts(page) == []
    prompt(page).evaluate("(field, text) => { field.value = text; }", "x" * 40_000)
    prompt(page).dispatch_event("input")
    page.wait_for_timeout(A_MOMENT)
    assert _drafts(page) == []
    _type(page)
    page.evaluate("""() => {
        const [key] = Object.keys(localStorage).filter(name => name.startsWith("draft:"));
        const draft = JSON.parse(localStorage.getItem(key));
        for (let number = 0; number < 23; number += 1) {
            localStorage.setItem(`${key}?suggestion=${number}`, JSON.stringify({...draft, at: draft.at - number}));
        }
    }""")
    assert len(_drafts(page)) == 24
    page.goto(f"{site.url}/create/?suggestion=24")
    prompt(page).fill(PROMPT)
    page.wait_for_timeout(A_MOMENT)
    assert len(_drafts(page)) == 20


def prompt(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Describe|Prompt"))


def message(page: Page) -> Locator:
    return page.get_by_label("Your message")


def _fine(page: Page) -> Locator:
    if page.locator(".composer-more:not([open])").count():
        page.get_by_text("More settings").click()
    return page.get_by_label("Leave out")


def _type(page: Page) -> None:
    """Type prompt and settings, and wait until the draft is kept."""
    prompt(page).fill(PROMPT)
    page.get_by_role("radio", name="16:9").check()
    _fine(page).fill("clouds")
    page.wait_for_timeout(A_MOMENT)


def _everything_is_back(page: Page) -> None:
    expect(prompt(page)).to_have_value(PROMPT)
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    expect(page.get_by_label("Leave out")).to_be_visible()
    expect(page.get_by_label("Leave out")).to_have_value("clouds")


def _spoil_token(page: Page) -> None:
    """As after logging in again in another tab: the token in this page is an old one."""
    page.context.clear_cookies(name="csrftoken")


def _log_out(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Log out").click()


def _drafts(page: Page) -> list[str]:
    found = page.evaluate("""() => [localStorage, sessionStorage].flatMap(storage =>
        Object.keys(storage).filter(key => key.startsWith("draft:")).map(key => storage.getItem(key)))""")
    return list(found)
