"""The text tool in Chromium: written by mouse and by keys, written again, undone; the server draws the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, open_document, place, replayed, saved
from tests.editor.page_server import PageServer


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
    page.keyboard.press("t")
    page.mouse.click(*place(page, 60, 150))
    expect(page.locator(".editor-words")).to_be_focused()
    page.keyboard.type("Boats")
    page.keyboard.press("Control+Enter")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    saved(page, server, name)
    return name


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
