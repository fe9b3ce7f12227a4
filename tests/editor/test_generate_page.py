"""Generative tools on the editor's page: what is ordered with each, what it costs, and what «Use» makes of a result."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import colour, digest, drag, open_document, replayed, saved, wait_for, with_pointer
from tests.editor.generating import (
    button,
    choose,
    finished,
    order,
    panel,
    pictures,
    priced,
    select,
    strip,
    tab_in_bar,
    tab_to,
)
from tests.editor.orders_server import COLOURS, NOTE
from tests.editor.page_server import PageServer
from tests.examples import few_of

# A tool, how it is asked for, what stands on the button, and what the server is asked.
TOOLS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "fill": (
        "Shift+F",
        "Generative fill",
        "Fill · 2 variants · 2 credits",
        {"words": "a red house", "strength": None},
    ),
    "replace": (
        "Shift+R",
        "Replace",
        "Replace · 2 variants · 2 credits",
        {"words": "a red house", "strength": 0.75},
    ),
    "variations": (
        "Shift+V",
        "Variations",
        "Draw variations · 2 variants · 2 credits",
        {"words": "a red house", "whole": False},
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("tool", few_of(TOOLS, {"fill"}))
def test_a_part_is_drawn_anew_and_used_as_a_masked_layer(page: Page, server: PageServer, tool: str) -> None:
    key, title, label, wanted = TOOLS[tool]
    name = server.documents.new(width=400, height=300, rgba=0xFF808080)
    open_document(page, server, name)
    select(page)
    choose(page, key, title)
    panel(page).get_by_role("textbox", name="Prompt").fill("a red house")
    priced(page, label)
    before = digest(page)
    made = finished(page, server)
    assert {
        field: made.get(field, server.documents.orders.asked[-1].get(field)) for field in wanted
    } == wanted
    assert server.documents.orders.charged == 2
    assert digest(page) == before, "a result is no part of the document yet"

    strip(page).get_by_role("button", name="Result 2 of 2: a red house").click()
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    operations = saved(page, server, name)
    body = operations[-1]["body"]
    assert (operations[-1]["kind"], body["name"], body["words"], body["job"]) == (
        "layer.add",
        "a red house",
        "a red house",
        made["job"],
    )
    assert colour(page, 150, 120) == [*COLOURS[1], 255]
    assert colour(page, 50, 50) == colour(page, 220, 120) == [128, 128, 128, 255]
    assert digest(page) == replayed(server, operations, pictures(server))
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == before, "one press is one step")


def test_a_result_is_ordered_compared_and_used_by_keys_alone(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Shift+F")
    expect(page.locator("#generate-words")).to_be_visible()
    for key in (
        "Enter",
        *["Shift+ArrowRight"] * 3,
        *["Shift+ArrowDown"] * 3,
        *["Shift+ArrowLeft"] * 2,
        "Enter",
    ):
        page.keyboard.press(key)
    wait_for(lambda: page.evaluate("editor.state.selected"), "a selection by arrow keys")
    tab_to(page, "#generate-words")
    page.keyboard.type("a blue bird")
    priced(page, "Fill · 2 variants · 2 credits")
    page.keyboard.press("Control+Enter")
    wait_for(lambda: server.documents.orders.orders, "the order")
    expect(page.locator("#editor-said")).to_have_text("In the queue. The result appears below the picture.")
    server.documents.orders.finish(server.documents.orders.newest())
    expect(page.locator("#editor-said")).to_have_text("2 results are ready.")

    tab_to(page, "[data-part=stage]")
    page.keyboard.press("Shift+S")
    expect(page.locator("[data-result='0']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#editor-said")).to_have_text("Result 2 of 2: a blue bird")
    wait_for(
        lambda: page.evaluate("Boolean(editor.generating.ready.look.shown)"), "the result over the picture"
    )
    page.keyboard.down(" ")
    expect(page.locator("[data-act=compare]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.up(" ")
    expect(page.locator("[data-act=compare]")).to_have_attribute("aria-pressed", "false")
    tab_in_bar(page, ".results-acts", "[data-act=use]", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    expect(page.locator("#editor-said")).to_have_text("Added as a layer.")


# By keys: the tool, whether something is selected first, what is typed, what is pressed on the canvas or the model.
BY_KEYS: dict[str, tuple[str, bool, str, list[str]]] = {
    "replace": ("Shift+R", True, "a red house", []),
    "erase": ("Shift+E", True, "", ["i"]),
    "extend": ("Shift+X", False, "", ["Alt+ArrowRight", "Alt+ArrowUp"]),
    "upscale": ("Shift+U", False, "", []),
    "remove_background": ("Shift+B", False, "", []),
    "variations": ("Shift+V", False, "", []),
    "instruct": ("Shift+I", False, "make it winter", []),
}


@pytest.mark.long
@pytest.mark.parametrize("tool", few_of(BY_KEYS, {"extend"}))
def test_a_tool_is_ordered_by_keys_alone(page: Page, server: PageServer, tool: str) -> None:
    key, selects, words, more = BY_KEYS[tool]
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press(key)
    expect(page.locator("form.generate")).to_be_visible()
    wait_for(lambda: page.evaluate("Boolean(editor.generating.ready?.options)"), "what can be ordered")
    if selects:
        for pressed in ("Enter", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 3, "Enter"):
            page.keyboard.press(pressed)
        wait_for(lambda: page.evaluate("editor.state.selected"), "a selection")
    if tool == "erase":
        tab_to(page, "#generate-model")
    for pressed in more:
        page.keyboard.press(pressed)
    if words:
        tab_to(page, "#generate-words")
        page.keyboard.type(words)
    tab_to(page, "tool-options [data-part=order]")
    expect(button(page)).to_contain_text(re.compile(r"\d+ credits?$"))
    expect(button(page)).to_have_attribute("aria-disabled", "false")
    shown = button(page).inner_text()
    page.keyboard.press("Enter")
    wait_for(lambda: server.documents.orders.orders, "the order")
    made = server.documents.orders.newest()
    assert made["tool"] == tool
    assert re.search(rf" · {made['price']} credits?$", shown)
    server.documents.orders.finish(made)
    expect(strip(page).locator("[data-result]")).to_have_count(made["variants"])


def test_what_is_selected_is_removed_on_this_device_for_nothing(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    select(page)
    page.keyboard.press("Alt+Backspace")
    choose(page, "Shift+E", "Remove selection")
    priced(page, "Remove · on this device · free")
    button(page).click()
    wait_for(lambda: server.path(name)[-1]["kind"] == "erase", "the local removal")
    assert colour(page, 150, 120) == [255, 255, 255, 255]
    assert server.documents.orders.asked == []

    assert panel(page).get_by_text(NOTE).count() == 0
    panel(page).get_by_label("Model", exact=True).select_option("bundled")
    priced(page, "Remove · 2 variants · 2 credits")
    expect(panel(page).get_by_text(NOTE)).to_be_visible()
    expect(button(page)).to_have_accessible_description(NOTE)
    made = finished(page, server)
    assert (made["tool"], made["words"]) == ("erase", "")


def extending(page: Page) -> None:
    """Choose to extend, and wait until the picture's edges can be dragged."""
    choose(page, "Shift+X", "Extend picture")
    expect(page.locator("#generate-hint")).to_have_text("Drag an edge of the picture outwards first.")


@pytest.mark.long
def test_a_picture_is_extended_by_dragging_its_edge(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300, rgba=0xFF808080)
    open_document(page, server, name)
    before = digest(page)
    extending(page)
    drag(page, (400, 150), (500, 150))
    priced(page, "Extend · 2 variants · 2 credits")
    panel(page).get_by_label("Top").fill("40")
    panel(page).get_by_label("Top").press("Enter")
    priced(page, "Extend · 2 variants · 2 credits")
    made = finished(page, server)
    assert made["canvas"] == {"width": 500, "height": 340, "dx": 0, "dy": 40}
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "canvas", "layer.add"]
    assert colour(page, 450, 10) == [*COLOURS[0], 255]
    assert colour(page, 200, 200) == [128, 128, 128, 255]
    assert digest(page) == replayed(server, operations, pictures(server))
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == before, "one step of the history")


@pytest.mark.long
def test_a_background_is_hidden_behind_a_mask(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "Shift+B", "Remove background")
    priced(page, "Remove background · 1 credit")
    finished(page, server)
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator(".layer-mask")).to_be_visible()
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.mask"
    assert (colour(page, 50, 50)[3], colour(page, 350, 50)[3]) == (255, 0)
    assert digest(page) == replayed(server, operations, pictures(server))


@pytest.mark.long
def test_an_upscale_opens_as_a_document_of_its_own(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "Shift+U", "Upscale")
    priced(page, "Upscale · 2 credits")
    panel(page).get_by_role("radio", name="×4").check(force=True)
    priced(page, "Upscale · 4 credits")
    panel(page).get_by_role("radio", name="×2").check(force=True)
    priced(page, "Upscale · 2 credits")
    finished(page, server)
    strip(page).get_by_role("button", name="Open as a document").click()
    page.locator(".toast").get_by_role("link", name="Open").click()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    wait_for(lambda: page.evaluate("editor.state.width") == 800, "the larger document")
    assert len(server.path(name)) == 1


@pytest.mark.long
def test_an_instruction_and_variations_of_the_whole_picture_are_ordered(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "Shift+I", "Edit with words")
    panel(page).get_by_role("textbox", name="Prompt").fill("make it winter")
    priced(page, "Edit · 2 variants · 6 credits")
    made = finished(page, server)
    assert (made["tool"], made["of_selection"], made["box"]) == ("instruct", False, None)
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    assert colour(page, 10, 10) == [*COLOURS[0], 255]
    choose(page, "Shift+V", "Variations")
    panel(page).get_by_role("radio", name="Picture", exact=True).check(force=True)
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("a red sailboat on the sea")
    panel(page).get_by_role("radio", name="3", exact=True).check(force=True)
    priced(page, "Draw variations · 3 variants · 3 credits")
    order(page, server)
    asked = server.documents.orders.asked[-1]
    assert (asked["whole"], asked["variants"], asked["words"]) == (True, 3, "a red sailboat on the sea")


@pytest.mark.long
def test_an_instruction_about_what_is_selected_changes_nothing_else(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    select(page)
    choose(page, "Shift+I", "Edit with words")
    expect(panel(page).get_by_role("radio", name="Selection", exact=True)).to_be_checked()
    panel(page).get_by_role("textbox", name="Prompt").fill("make it winter")
    priced(page, "Edit · 2 variants · 6 credits")
    made = finished(page, server)
    assert (made["of_selection"], server.documents.orders.asked[-1]["whole"]) == (True, False)
    strip(page).get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    operations = saved(page, server, name)
    assert (colour(page, 150, 120), colour(page, 50, 50)) == ([*COLOURS[0], 255], [255, 255, 255, 255])
    assert digest(page) == replayed(server, operations, pictures(server))


@pytest.mark.long
def test_what_the_model_sees_of_a_picture_that_grows_is_dragged_and_moved_by_keys(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300, rgba=0xFF808080)
    open_document(page, server, name)
    extending(page)
    drag(page, (400, 150), (500, 150))
    priced(page, "Extend · 2 variants · 2 credits")
    frame = "editor.generating.ready.frame"
    assert page.evaluate(f"[{frame}.isInner, {frame}.box, {frame}.other]") == [
        False, [0, 0, 500, 300], [300, 0, 500, 300],
    ]  # fmt: skip
    # Its left edge is taken, with the mouse.
    drag(page, (300, 150), (250, 150))
    wait_for(lambda: page.evaluate(f"{frame}.box") == [250, 0, 500, 300], "a side that was dragged")
    assert page.evaluate(f"{frame}.other") == [0, 0, 500, 300]
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("#editor-said")).to_contain_text("Box at")
    moved = page.evaluate(f"{frame}.box")
    assert moved[0] < 250
    assert moved[2] - moved[0] == 250
    page.keyboard.press("Alt+Shift+ArrowRight")
    wait_for(lambda: page.evaluate(f"{frame}.box")[2] > moved[2], "keys that resize it")
    # The other box is taken by a key; what the model sees stays where it was in the picture.
    inner = page.evaluate(f"{frame}.box")
    page.keyboard.press("Alt+o")
    expect(page.locator("#editor-said")).to_contain_text("New size. Box at 0, 0: 500 by 300 pixels.")
    page.keyboard.press("Alt+ArrowLeft")
    wait_for(lambda: page.evaluate(f"{frame}.box")[0] < 0, "the picture grows")
    assert page.evaluate(f"{frame}.other") == inner
    priced(page, "Extend · 2 variants · 2 credits")
    made = order(page, server)
    dx = made["canvas"]["dx"]
    assert dx > 0
    asked = server.documents.orders.asked[-1]["box"]
    assert asked == [inner[0] + dx, inner[1], inner[2] + dx, inner[3]]


@pytest.mark.long
def test_a_finger_and_a_pen_take_the_boxes_too(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300, rgba=0xFF808080)
    open_document(page, server, name)
    extending(page)
    frame = "editor.generating.ready.frame"
    with_pointer(page, "touch", (400, 150), (480, 150))
    wait_for(lambda: page.evaluate(f"{frame}.grownTo") == [0, 0, 480, 300], "a finger's drag")
    priced(page, "Extend · 2 variants · 2 credits")
    inner = page.evaluate(f"{frame}.seenOfExtended")
    with_pointer(page, "pen", (inner[0], 150), (inner[0] - 40, 150))
    wait_for(lambda: page.evaluate(f"{frame}.seenOfExtended[0]") == inner[0] - 40, "a pen's drag")


@pytest.mark.long
def test_a_picture_is_used_as_a_reference(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "Shift+P", "Use as reference")
    button(page).first.click()
    link = panel(page).get_by_role("link", name="Create with it")
    expect(link).to_be_focused()
    wanted = "/create/?reference=picture%3A" + "0" * 8
    assert (link.get_attribute("href") or "").startswith(wanted)


@pytest.mark.long
def test_a_picture_is_used_as_a_reference_by_keys_alone(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Shift+P")
    expect(panel(page).get_by_role("heading", name="Use as reference")).to_be_visible()
    tab_to(page, "tool-options button")
    page.keyboard.press("Enter")
    link = panel(page).get_by_role("link", name="Create with it")
    expect(link).to_be_visible()
    tab_to(page, "tool-options a[href]")
    expect(link).to_be_focused()


@pytest.mark.long
def test_a_model_that_knows_some_words_offers_them(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    select(page)
    choose(page, "Shift+F", "Generative fill")
    chips = panel(page).locator(".generate-chips button")
    expect(chips).to_have_text(["boat", "bird", "cloud", "house", "hill", "moon", "sun", "tree", "All 10"])
    panel(page).get_by_role("textbox", name="Prompt").fill("a red h")
    expect(chips).to_have_text(["house", "hill", "All 10"])
    chips.first.click()
    expect(panel(page).get_by_role("textbox", name="Prompt")).to_have_value("a red house")
    panel(page).get_by_label("Model", exact=True).select_option("photo")
    priced(page, "Fill · 2 variants · 6 credits")
    expect(panel(page).get_by_text("This model knows:")).to_be_hidden()
