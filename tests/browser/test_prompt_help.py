"""Help with the prompt in a browser: words while one types, additions by the keyboard, a rewrite; and no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.generation.prompts.llm import Writer, serving
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

PROMPT = "Describe the picture"


@pytest.fixture
def writer() -> Iterator[Writer]:
    with serving(Writer(text="two red houses on a green hill at sunset")) as running:
        yield running


@pytest.mark.long
def test_words_additions_and_a_rewrite_go_into_the_box_and_back(
    start_site: Callable[..., Site], writer: Writer, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("422")  # the rewrite that fails
    site = start_site(PROMPT_LLM_URL=writer.address, PROMPT_LLM_MODEL="writer-1")
    site.wait_until_ready()
    sign_up(page, site)
    box = page.get_by_role("textbox", name=PROMPT)
    summary = page.locator(".prompt-help > summary")
    expect(summary).to_be_hidden()  # an empty box has ideas instead

    box.fill("two red huoses with a dragon")
    expect(page.locator(".prompt-words")).to_contain_text("huoses, dragon")
    page.get_by_role("button", name=re.compile("huoses: did you mean")).click()
    expect(box).to_have_value("two red houses with a dragon")
    expect(page.locator(".prompt-words")).not_to_contain_text("huoses")
    expect(page.locator(".prompt-words")).to_contain_text("dragon")
    box.press("ControlOrMeta+z")
    expect(box).to_have_value("two red huoses with a dragon")

    box.fill("two red houses")
    expect(page.locator(".prompt-words")).to_have_count(0)
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Suggest additions")).to_be_focused()
    page.keyboard.press("Enter")
    offers = page.locator(".prompt-offer")
    expect(offers).to_have_count(3)
    expect(page.get_by_role("button", name="Suggest additions")).to_be_focused()
    others = page.get_by_role("button", name="Others")
    others.focus()
    page.keyboard.press("Enter")
    expect(others).to_have_attribute("value", "expand 2")
    expect(others).to_be_focused()
    first = offers.first.locator("span").first.inner_text().strip()
    assert first.startswith("two red houses ")
    offers.first.focus()
    page.keyboard.press("Enter")
    expect(box).to_have_value(first)
    expect(offers).to_have_count(0)  # they were for other words
    box.press("ControlOrMeta+z")
    expect(box).to_have_value("two red houses")

    assert writer.asked == []
    expect(
        page.get_by_text(re.compile("sends the words of your prompt to writer-1 at 127.0.0.1"))
    ).to_be_visible()
    page.get_by_role("button", name="Rewrite").click()
    expect(offers).to_have_count(1)
    assert [asked[2]["messages"][1]["content"] for asked in writer.asked] == ["two red houses"]
    writer.status = 500
    page.get_by_role("button", name="Rewrite").click()
    expect(page.locator("#prompt-offers")).to_contain_text("Your words are unchanged")
    expect(box).to_have_value("two red houses")
    writer.status = 200
    page.get_by_role("button", name="Rewrite").click()
    offers.first.click()
    expect(box).to_have_value(str(writer.text))

    offers_for_other_words_are_dropped(page)

    page.wait_for_timeout(400)  # the draft is written a moment after the last change
    page.reload()
    expect(box).to_have_value(str(writer.text))


def offers_for_other_words_are_dropped(page: Page) -> None:
    box = page.get_by_role("textbox", name=PROMPT)
    before = box.input_value()
    held: list[Route] = []
    page.route("**/create/prompt/", lambda route: held.append(route))  # noqa: PLW0108  # it wants a function of its own
    with page.expect_request("**/create/prompt/"):
        page.get_by_role("button", name="Suggest additions").click()
    box.fill("a green house")
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/create/prompt/")):
        held[0].continue_()
    page.unroute("**/create/prompt/")
    page.wait_for_timeout(300)  # what came would be shown by now
    expect(page.locator(".prompt-offer")).to_have_count(0)
    page.get_by_role("button", name="Suggest additions").click()
    expect(page.locator(".prompt-offer").first).to_contain_text("a green house")
    box.fill(before)


def test_enter_in_a_setting_generates_instead_of_pressing_a_button_of_the_help(
    fast_site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("422")  # an empty prompt
    sign_up(page, fast_site)
    page.get_by_role("textbox", name=PROMPT).fill("")
    page.get_by_text("More settings").click()
    page.get_by_role("spinbutton", name="Seed").fill("7")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    expect(page.locator("#error_prompt")).to_contain_text("Describe the picture in a few words.")


@pytest.mark.long
def test_without_script_the_same_buttons_send_the_form(fast_site: Site, page: Page, new_page: Pages) -> None:
    sign_up(page, fast_site)
    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(fast_site.url + "/create/")
    box = plain.get_by_role("textbox", name=PROMPT)
    box.fill("ein rotes Haus mit Drachen")
    plain.get_by_role("button", name="Update the price").click()
    expect(plain.locator(".prompt-words")).to_contain_text(re.compile(r"The model reads:\s+a red house\s"))
    expect(plain.locator(".prompt-words")).to_contain_text("Drachen")
    plain.locator(".prompt-help > summary").click()
    plain.get_by_role("button", name="Suggest additions").click()
    offer = plain.locator(".prompt-offer").first
    wanted = offer.get_attribute("data-use")
    offer.click()
    expect(box).to_have_value(str(wanted))
    plain.get_by_role("button", name="Undo").click()
    expect(box).to_have_value("ein rotes Haus mit Drachen")
