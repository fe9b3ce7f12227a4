"""Orders of generative tools on the editor's page: the price, the box, what is under way, what failed, what is kept."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from generation.views.jobs.words import WORDS
from tests.editor.driving import digest, drag, open_document, saved, wait_for
from tests.editor.generating import (
    button,
    choose,
    filling,
    finished,
    order,
    panel,
    priced,
    select,
    strip,
    tab_to,
)
from tests.editor.orders_server import STRENGTH
from tests.editor.page_server import PageServer
from tests.services.browser import Pages


def test_a_price_that_changed_is_asked_for_again(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    server.documents.orders.raised = 1
    button(page).click()
    expect(page.locator("#generate-hint")).to_have_text(
        "The price is 4 credits now. Press again to order at this price."
    )
    expect(button(page)).to_have_text("Fill · 2 variants · 4 credits")
    assert server.documents.orders.orders == {}
    made = order(page, server)
    server.documents.orders.finish(made)
    expect(strip(page).locator("[data-result]")).to_have_count(2)
    assert server.documents.orders.charged == 4


@pytest.mark.long
def test_who_has_too_few_credits_is_told_and_led_to_more(page: Page, server: PageServer) -> None:
    server.documents.orders.credits = 1
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    select(page)
    choose(page, "Shift+F", "Generative fill")
    panel(page).get_by_role("textbox", name="Prompt").fill("a red house")
    expect(page.locator("#generate-hint")).to_have_text("You need 1 more credits.")
    expect(button(page)).to_have_attribute("aria-disabled", "true")
    expect(panel(page).get_by_role("link", name="Get credits")).to_have_attribute("href", "/pricing/")
    button(page).click(force=True)
    panel(page).get_by_role("radio", name="1", exact=True).check(force=True)
    priced(page, "Fill · 1 variant · 1 credit")
    assert server.documents.orders.asked == []


@pytest.mark.long
def test_what_is_missing_is_said_before_anything_is_ordered(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "Shift+F", "Generative fill")
    expect(page.locator("#generate-hint")).to_have_text("Select the part that should change first.")
    drag(page, (100, 100), (200, 100), (200, 200), (100, 200))
    expect(page.locator("#generate-hint")).to_have_text("Enter a prompt first.")
    expect(button(page)).to_have_text("Fill · 2 variants · 2 credits")
    button(page).click(force=True)
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_be_focused()
    assert server.documents.orders.asked == []


@pytest.mark.long
def test_an_answer_that_was_lost_is_no_second_order(page: Page, server: PageServer, new_page: Pages) -> None:
    new_page.expect_error("net::ERR_FAILED")
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    page.route("**/generate/orders", lost_answer)
    button(page).click()
    expect(page.locator("#generate-hint")).to_contain_text("The server can't be reached.")
    assert len(server.documents.orders.asked) == 1
    page.unroute("**/generate/orders")
    button(page).click()
    wait_for(lambda: len(server.documents.orders.asked) == 2, "the same order once more")
    expect(strip(page).locator(".result-card")).to_have_count(1)
    assert len(server.documents.orders.orders) == 1


def lost_answer(route: object) -> None:
    """Let a call arrive, and lose what the server says."""
    route.fetch()  # type: ignore[attr-defined]
    route.abort()  # type: ignore[attr-defined]


@pytest.mark.long
def test_the_box_is_dragged_moved_by_keys_and_by_numbers(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    boxed = "editor.generating.ready.frame.box"
    assert page.evaluate(boxed) == [50, 30, 250, 210]
    drag(page, (250, 210), (300, 240))
    wait_for(lambda: page.evaluate(boxed) == [50, 30, 300, 240], "a corner that was dragged")
    drag(page, (110, 30), (120, 40))
    wait_for(lambda: page.evaluate(boxed) == [60, 40, 310, 250], "an edge that was dragged")
    page.keyboard.press("Alt+ArrowRight")
    wait_for(lambda: page.evaluate(boxed) == [70, 40, 320, 250], "keys that move it")
    page.keyboard.press("Alt+Shift+ArrowUp")
    wait_for(lambda: page.evaluate(boxed) == [70, 40, 320, 240], "keys that resize it")
    panel(page).get_by_text("What the model sees").click()
    panel(page).get_by_label("Width").fill("220")
    panel(page).get_by_label("Width").press("Enter")
    wait_for(lambda: page.evaluate(boxed) == [70, 40, 290, 240], "numbers")
    priced(page, "Fill · 2 variants · 2 credits")
    assert order(page, server)["box"] == [70, 40, 290, 240]
    panel(page).get_by_role("button", name="Automatic").click()
    wait_for(lambda: page.evaluate(boxed) == [50, 30, 250, 210], "the proposed one again")


@pytest.mark.long
def test_strength_is_what_the_slider_says(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    select(page)
    choose(page, "Shift+R", "Replace")
    panel(page).get_by_role("textbox", name="Prompt").fill("a boat")
    expect(page.locator("#generate-strength")).to_have_value(str(int(STRENGTH["default"] * 100)))
    page.locator("#generate-strength").fill("40")
    page.locator("#generate-strength").press("Tab")
    priced(page, "Replace · 2 variants · 2 credits")
    assert order(page, server)["strength"] == 0.4


@pytest.mark.long
def test_an_order_under_way_shows_how_far_it_is_and_is_cancelled(page: Page, server: PageServer) -> None:
    orders = server.documents.orders
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    before = page.locator("[data-part=overlay]").screenshot()
    made = order(page, server)
    card = strip(page).locator(".result-card")
    expect(card).to_contain_text("Preparing")
    wait_for(lambda: orders.streams, "the page listens")
    orders.begin(made)
    expect(card).to_contain_text("Next in the queue · 3–8 s left")
    orders.step(made, 5)
    expect(card).to_contain_text("Drawing, step 5 of 20 · 2–4 s left")
    expect(card.get_by_role("progressbar", name="Progress: a red house")).to_have_attribute("value", "5")
    wait_for(lambda: page.evaluate("Boolean(editor.generating.ready.look.shown)"), "the preview in its place")
    assert page.locator("[data-part=overlay]").screenshot() != before
    card.get_by_role("button", name="Cancel: a red house").click()
    expect(card).to_contain_text("Cancelled.")
    card.get_by_role("button", name="Remove from the list: a red house").click()
    expect(strip(page)).to_be_hidden()
    assert orders.charged == 0


def test_a_failure_keeps_the_mask_and_says_that_nothing_was_charged(page: Page, server: PageServer) -> None:
    orders = server.documents.orders
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    made = order(page, server)
    orders.fail(made, "The model stopped. You were not charged. Try again.")
    card = strip(page).locator(".result-card")
    expect(card).to_contain_text("You were not charged.")
    expect(page.locator(".toast")).to_contain_text("You were not charged.")
    assert page.evaluate("editor.state.selected")
    choose(page, "Shift+U", "Upscale")
    card.get_by_role("button", name="Edit and run again").click()
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("a red house")
    priced(page, "Fill · 2 variants · 2 credits")


def test_results_are_there_after_a_reload_and_in_another_tab(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = page.context.new_page()
    open_document(other, server, name)
    filling(page)
    finished(page, server)
    expect(strip(other).locator("[data-result]")).to_have_count(2)
    other.close()
    page.reload()
    expect(strip(page).locator("[data-result]")).to_have_count(2)
    strip(page).get_by_role("button", name="Result 1 of 2: a red house").click()
    wait_for(lambda: page.evaluate("Boolean(editor.generating.ready.look.shown)"), "a result to look at")


@pytest.mark.long
def test_results_are_kept_or_thrown_away_and_taken_back(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    made = finished(page, server)
    strip(page).get_by_role("button", name="Result 1 of 2").click()
    strip(page).get_by_role("button", name="Keep").click()
    expect(strip(page).get_by_role("button", name="Kept", exact=True)).to_be_disabled()
    expect(strip(page).get_by_role("button", name="Result 1 of 2: a red house, Kept")).to_be_visible()
    strip(page).get_by_role("button", name="Result 2 of 2").click()
    page.keyboard.press("Delete")
    expect(strip(page).locator("[data-result]")).to_have_count(1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(strip(page).locator("[data-result]")).to_have_count(2)
    strip(page).get_by_role("button", name="Result 2 of 2").click()
    strip(page).get_by_role("button", name="Discard").click()
    expect(strip(page).locator("[data-result]")).to_have_count(1)
    # The server has heard of it before anything else happens to the page.
    wait_for(lambda: len(made["results"]) == 1, "thrown away on the server")
    assert made["results"][0]["kept"]
    page.reload()
    expect(strip(page).locator("[data-result]")).to_have_count(1)


@pytest.mark.long
def test_results_that_were_thrown_away_one_after_the_other_come_back_the_last_one_first(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    made = finished(page, server)
    for left in (1, 0):
        strip(page).locator("[data-result]").first.click()
        page.keyboard.press("Delete")
        wait_for(partial(has_results, made, left), "thrown away")
    expect(page.locator("[data-result]")).to_have_count(0)
    undo = page.locator(".toast").get_by_role("button", name="Undo")
    undo.click()
    wait_for(lambda: [each["index"] for each in made["results"]] == [1], "the last one")
    undo.click()
    wait_for(lambda: [each["index"] for each in made["results"]] == [0, 1], "the one before")
    expect(strip(page).locator("[data-result]")).to_have_count(2)
    expect(page.locator(".toast")).to_have_count(0)


def has_results(order: dict[str, Any], count: int) -> bool:
    return len(order["results"]) == count


@pytest.mark.long
def test_a_result_that_can_not_be_thrown_away_just_now_stays(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    made = finished(page, server)
    server.documents.broken = True
    strip(page).locator("[data-result]").first.click()
    page.keyboard.press("Delete")
    expect(page.locator(".toast").filter(has_text="The server can't be reached.")).to_be_visible()
    expect(strip(page).locator("[data-result]")).to_have_count(2)
    assert len(made["results"]) == 2
    server.documents.broken = False


@pytest.mark.long
def test_a_layer_keeps_its_words_and_they_are_ordered_again(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    finished(page, server)
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    saved(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+d")
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    page.locator(".layer-more summary").click()
    page.get_by_role("button", name="Edit the prompt and run again").click()
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("a red house")
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_be_focused()
    priced(page, "Fill · 2 variants · 2 credits")
    page.locator("layer-list .layer-name").last.click()
    expect(page.get_by_role("button", name="Edit the prompt and run again")).to_be_hidden()


@pytest.mark.long
def test_words_that_were_typed_are_there_after_a_reload(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page, "a red house with a fence")
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    choose(page, "Shift+F", "Generative fill")
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("a red house with a fence")
    server.handler.account = "bob"
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    choose(page, "Shift+F", "Generative fill")
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("")


@pytest.mark.long
def test_without_a_server_the_panel_says_so_and_removing_works(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    server.documents.broken = True
    panel(page).get_by_role("radio", name="3", exact=True).check(force=True)
    expect(page.locator("#generate-hint")).to_contain_text("The server can't be reached.")
    expect(button(page)).to_have_attribute("aria-disabled", "true")
    page.locator("[data-part=stage]").focus()
    choose(page, "Shift+E", "Remove selection")
    priced(page, "Remove · on this device · free")
    before = digest(page)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("b")
    choose(page, "Shift+E", "Remove selection")
    priced(page, "Remove · on this device · free")
    button(page).click()
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "erase", before)


@pytest.mark.parametrize("width", [390, 820])
@pytest.mark.few(1)
def test_on_a_phone_the_panel_rises_once_something_is_selected(
    server: PageServer, new_page: Pages, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, has_touch=True)
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.get_by_role("button", name="Generative fill").click()
    expect(page.locator(".toast")).to_contain_text("Select the part that should change first.")
    expect(page.locator("tool-options")).to_be_hidden()
    drag(page, (100, 100), (200, 100), (200, 200), (100, 200))
    expect(button(page)).to_be_in_viewport()
    panel(page).get_by_role("textbox", name="Prompt").fill("a red house")
    priced(page, "Fill · 2 variants · 2 credits")
    finished(page, server)
    expect(page.locator("tool-options")).to_be_hidden()
    strip(page).get_by_role("button", name="Use", exact=True).click()
    wait_for(lambda: page.evaluate("editor.state.layers.length") == 2, "the layer")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_of_the_generative_tools_has_a_name(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    filling(page)
    finished(page, server)
    order(page, server)
    for key in "FREXUBVIP":
        page.locator("[data-part=stage]").focus()
        page.keyboard.press(f"Shift+{key}")
        expect(panel(page).locator("[data-part=order]").first).to_be_visible()
        nameless = page.evaluate(
            """() => {
              const all = [...document.querySelectorAll('button, input, select, textarea, a[href], progress')];
              const nameOf = (it) => it.getAttribute('aria-label') || it.labels?.[0]?.textContent || it.textContent;
              const nameless = all.filter((it) => !nameOf(it).trim() && !it.closest('dialog'));
              return nameless.map((it) => it.outerHTML.slice(0, 120));
            }"""
        )
        assert nameless == []
        twice = page.evaluate(
            """() => {
              const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
              return ids.filter((id, i) => ids.indexOf(id) !== i);
            }"""
        )
        assert twice == []


@pytest.mark.long
def test_the_sentences_of_a_job_are_those_of_the_site(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    shown = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('[data-word^="job."]')].map(
          (item) => [item.dataset.word.slice(4), item.textContent.trim()]))"""
    )
    assert shown == {key: str(sentence) for key, sentence in WORDS.items()}
    tab_to(page, "[data-part=stage]")
