"""The text tool in Chromium: written by mouse and by keys, written again, undone; the server draws the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import (
    digest,
    drag,
    elsewhere,
    open_document,
    place,
    replayed,
    saved,
    wait_for,
)
from tests.editor.page_server import PageServer
from tests.editor.test_static import DIRECTIONS
from tests.editor.test_turns import AT_ONCE
from tests.services.browser import Pages


def begin(page: Page, words: str) -> None:
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("t")
    page.mouse.click(*place(page, 60, 150))
    expect(page.locator(".editor-words")).to_be_focused()
    page.keyboard.type(words)


def end(page: Page) -> None:
    page.locator(".editor-words").press("Control+Enter")
    expect(page.locator(".editor-words")).to_have_count(0)


def test_a_text_is_written_and_written_again_and_the_server_draws_the_same(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    page.keyboard.press("t")
    page.mouse.click(*place(page, 60, 150))
    area = page.locator(".editor-words")
    expect(area).to_be_focused()
    page.keyboard.type("Hello נמל शांति")
    page.keyboard.press("Escape")
    expect(area).to_have_count(0)
    expect(page.locator("layer-list .layer")).to_have_count(2)
    operations = saved(page, server, name)
    assert [run[3] for run in operations[-1]["body"]["text"]["lines"][0]] == ["Latn", "Hebr", "Hebr", "Deva"]
    first = digest(page)
    assert first == replayed(server, operations)

    page.get_by_role("button", name="Edit text").click()
    expect(area).to_have_value("Hello נמל शांति")
    area.fill("السلام\U0001f9ff")
    page.keyboard.press("Control+Enter")
    expect(area).to_have_count(0)
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.text"
    assert digest(page) == replayed(server, operations) != first
    expect(page.locator("#editor-said")).to_contain_text("No font here has these letters")
    page.keyboard.press("Control+z")
    saved(page, server, name)
    assert digest(page) == first


def opened_with_a_text(page: Page, server: PageServer) -> str:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    begin(page, "Boats")
    end(page)
    saved(page, server, name)
    return name


@pytest.mark.long
@pytest.mark.parametrize("tool", ["v", "t"])
def test_a_double_click_writes_a_text_again_though_another_layer_is_chosen(
    page: Page, server: PageServer, tool: str
) -> None:
    name = opened_with_a_text(page, server)
    page.locator("layer-list .layer").last.click()
    page.locator("[data-part=stage]").focus()
    page.keyboard.press(tool)
    page.mouse.dblclick(*place(page, 90, 175))
    area = page.locator(".editor-words")
    expect(area).to_be_focused()
    expect(area).to_have_value("Boats")
    area.fill("Ships")
    page.keyboard.press("Control+Enter")
    expect(area).to_have_count(0)
    last = saved(page, server, name)[-1]
    assert (last["kind"], last["body"]["text"]["content"]) == ("layer.text", "Ships")


def test_letters_typed_while_the_text_area_is_on_its_way_are_its_letters_and_no_shortcuts(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    letters = ["V", "a", "s", "e", " ", "é", "x", "Backspace", "Enter", "d"]
    page.evaluate(AT_ONCE, {"acts": ["t", [[60, 150], [60, 150]], *letters], "wait": False})
    expect(page.locator(".editor-words")).to_have_value("Vase é\nd")
    end(page)
    operations = saved(page, server, name)
    assert operations[-1]["body"]["text"]["content"] == "Vase é\nd"
    assert page.evaluate("editor.tool.name") == "text"


def test_a_text_is_written_by_keyboard_alone(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("t")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    area = page.locator(".editor-words")
    expect(area).to_be_focused()
    page.keyboard.type("Boats")
    page.keyboard.press("Control+Enter")
    expect(area).to_have_count(0)
    last = saved(page, server, name)[-1]
    assert (last["kind"], last["body"]["text"]["content"]) == ("layer.add", "Boats")
    expect(page.locator("layer-list .layer").first).to_contain_text("Boats")


@pytest.mark.long
def test_a_bent_text_keeps_its_bend_and_the_colour_of_its_shadow(page: Page, server: PageServer) -> None:
    name = opened_with_a_text(page, server)
    page.get_by_role("button", name="Edit text").click()
    page.evaluate("editor.options.set('text', 'bend', -35); editor.options.set('text', 'shadow', true)")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editor-words")).to_have_count(0)
    text = saved(page, server, name)[-1]["body"]["text"]
    assert text["path"]
    page.evaluate(
        "(text) => editor.do('layer.text', { layer: editor.layer, text })",
        {**text, "shadow": {**text["shadow"], "rgba": 0x80FF0000}},
    )
    page.get_by_role("button", name="Edit text").click()
    expect(page.locator(".editor-words")).to_be_focused()
    page.locator(".editor-words").fill("Boats!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editor-words")).to_have_count(0)
    again = saved(page, server, name)[-1]["body"]["text"]
    assert page.evaluate("editor.options.get('text', 'bend')") == -35
    assert again["content"] == "Boats!"
    assert again["path"] != text["path"]
    assert again["shadow"]["rgba"] == 0x80FF0000
    before = server.path(name)
    page.get_by_role("button", name="Edit text").click()
    end(page)
    assert saved(page, server, name) == before


@pytest.mark.long
def test_words_that_cannot_be_drawn_stay_where_they_were_typed(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    page.keyboard.press("t")
    page.locator("#option-letters").fill("2000")
    page.keyboard.press("Tab")
    begin(page, "w" * 150)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Make it shorter or smaller.")
    expect(page.locator(".editor-words")).to_have_value("w" * 150)
    page.locator("#option-letters").fill("20")
    page.keyboard.press("Tab")
    end(page)
    operations = saved(page, server, name)
    assert operations[-1]["body"]["text"]["content"] == "w" * 150
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_words_outlast_an_undo_of_what_they_stand_on(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    begin(page, "One")
    saved(page, server, name)
    page.evaluate("editor.run('undo')")
    expect(page.locator("layer-list .layer")).to_have_count(1)
    end(page)
    first = saved(page, server, name)
    assert [each["kind"] for each in first] == ["open", "layer.add"]
    page.get_by_role("button", name="Edit text").click()
    page.evaluate("editor.run('layer.delete')")
    expect(page.locator("layer-list .layer")).to_have_count(1)
    page.locator(".editor-words").fill("Two")
    end(page)
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "layer.add", "layer.remove", "layer.add"]
    assert digest(page) == replayed(server, operations)


def test_a_text_in_hand_stands_on_what_another_device_did_meanwhile(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    server.documents.broken = True
    drag(page, (300, 300), (400, 350))
    begin(page, "One")
    page.evaluate("editor.link.ask('drawn')")
    elsewhere(server, name, "fill", layer="base", rgba=0xFF2266AA, opacity=255, mode="normal")
    server.documents.broken = False
    page.evaluate("editor.link.tell('sync')")
    wait_for(lambda: len(server.path(name)) == 3, "the stroke on top of theirs")
    page.locator(".editor-words").press("x")
    end(page)
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "fill", "stroke", "layer.add"]
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_words_wait_for_a_connection_where_fonts_are_not_there_yet(
    page: Page, new_page: Pages, server: PageServer
) -> None:
    for expected in ("net::ERR_", "when fetching the script", "Failed to fetch"):
        new_page.expect_error(expected)
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    begin(page, "")
    server.documents.gone = True
    page.keyboard.type("Words")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text("The server can't be reached.")
    expect(page.locator(".editor-words")).to_have_value("Words")
    server.documents.gone = False
    end(page)
    operations = saved(page, server, name)
    assert operations[-1]["body"]["text"]["content"] == "Words"
    assert digest(page) == replayed(server, operations)


def test_words_from_right_to_left_load_what_knows_them_and_others_do_not(
    page: Page, new_page: Pages, server: PageServer
) -> None:
    for expected in ("net::ERR_", "when fetching the script", "Failed to fetch"):
        new_page.expect_error(expected)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/editor/")[2]))
    name = opened_with_a_text(page, server)
    assert "worker/text/runs.js" in asked
    assert not DIRECTIONS & set(asked)
    page.get_by_role("button", name="Edit text").click()
    server.documents.gone = True
    page.locator(".editor-words").fill("نص שלום")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text("The server can't be reached.")
    expect(page.locator(".editor-words")).to_have_value("نص שלום")
    server.documents.gone = False
    end(page)
    operations = saved(page, server, name)
    assert [run[3:] for run in operations[-1]["body"]["text"]["lines"][0]] == [["Hebr", 1], ["Arab", 1]]
    assert digest(page) == replayed(server, operations)
    assert set(asked) >= DIRECTIONS


def area_above(page: Page, x: float, y: float) -> bool:
    """Whether the text area stands above a point of the picture."""
    box = page.locator(".editor-writing").bounding_box()
    assert box is not None
    left, top = place(page, x, y)
    return abs(box["x"] - left) <= 2 and abs(box["y"] + box["height"] + 8 - top) <= 2


@pytest.mark.long
def test_words_that_were_not_ended_are_there_again_after_a_reload_and_in_no_other_tab(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    page.keyboard.press("t")
    page.locator("#option-letters").fill("31")
    begin(page, "Half a sent")
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('draft:alice:text:')).length"
    wait_for(lambda: page.evaluate(kept), "the draft")
    other = page.context.new_page()
    open_document(other, server, name)
    other.evaluate("editor.link.ask('drawn')")
    expect(other.locator(".editor-words")).to_have_count(0)
    other.close()

    page.evaluate("editor.options.set('text', 'letters', 90)")
    page.reload()
    area = page.locator(".editor-words")
    expect(area).to_have_value("Half a sent")
    expect(area).to_be_focused()
    expect(page.locator("#option-letters")).to_have_value("90")
    area.press("End")
    page.keyboard.type("ence")
    end(page)
    text = saved(page, server, name)[-1]["body"]["text"]
    assert (text["content"], text["size"], text["x"] // 16, text["y"] // 16) == (
        "Half a sentence",
        1440,
        60,
        150,
    )
    assert page.evaluate(kept) == 0


def test_the_text_area_follows_the_text_when_the_view_or_the_document_changes(
    page: Page, server: PageServer
) -> None:
    opened_with_a_text(page, server)
    page.evaluate("editor.do('crop', { x0: 30, y0: 20, x1: 530, y1: 320 })")
    page.get_by_role("button", name="Edit text").click()
    assert area_above(page, 30, 130)
    page.mouse.move(*place(page, 300, 200))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.mouse.wheel(0, 30)
    wait_for(lambda: area_above(page, 30, 130), "the text area at the text, once it is larger")
    page.evaluate("editor.run('undo')")
    expect(page.locator(".editor-words")).to_have_value("Boats")
    wait_for(lambda: area_above(page, 60, 150), "the text area where the text was before the crop")
    end(page)


@pytest.mark.long
@pytest.mark.parametrize(
    "press",
    [
        "tools.get('text').down(editor, at); editor.tools.get('text').up(editor)",
        "tools.get('move').finish(editor, at)",
    ],
)
def test_a_press_on_a_text_and_another_tool_at_once_writes_nothing(
    page: Page, server: PageServer, press: str
) -> None:
    opened_with_a_text(page, server)
    tool = press[11:15]
    page.evaluate(
        "([tool, x, y]) => { const at = { x, y, px: 0, py: 0 }; editor.useTool(tool); "
        f"editor.{press}; editor.useTool('brush'); }}",
        [tool, 80, 170],
    )
    page.evaluate("editor.link.ask('bounds', { layer: editor.layer }).then(() => 0)")
    expect(page.locator(".editor-words")).to_have_count(0)
    assert page.evaluate("editor.tool.name") == "brush"
