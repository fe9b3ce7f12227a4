"""The text tool in Chromium: written by mouse and by keys, written again, undone; the server draws the same."""

from __future__ import annotations

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
