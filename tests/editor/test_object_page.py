"""Select object on the editor's page: a click, a box, keys and numbers; what is said when nothing knows the picture."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, drag, open_document, place, replayed, saved, wait_for
from tests.editor.generating import pictures
from tests.editor.page_server import PageServer


def asked(server: PageServer, number: int) -> dict[str, Any]:
    orders = server.documents.orders
    wait_for(lambda: len(orders.asked) == number, "the order")
    body: dict[str, Any] = orders.asked[-1]
    return body


@pytest.mark.long
def test_a_click_becomes_a_selection_and_shift_adds_to_it(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Alt+a")
    expect(page.get_by_role("button", name="Select object")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("tool-options")).to_contain_text("It's free")
    orders = server.documents.orders

    x, y = place(page, 120, 80)
    page.mouse.click(x, y)
    first = asked(server, 1)
    assert (first["tool"], first["price"], first["inside"]) == ("segment", 0, [[120, 80]])
    orders.finish(orders.newest())
    wait_for(lambda: page.evaluate("editor.state.selected"), "the selection")
    expect(page.locator("#editor-said")).to_have_text("Selected: House")

    page.keyboard.down("Shift")
    drag(page, (200, 100), (360, 260))
    page.keyboard.up("Shift")
    second = asked(server, 2)
    assert second["box"] == [200, 100, 360, 260]
    orders.finish(orders.newest())
    wait_for(lambda: len(server.path(name)) == 3, "the second selection")

    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "select", "select"]
    assert [(each["body"]["shape"], each["body"]["how"]) for each in operations[1:]] == [
        ("picture", "replace"),
        ("picture", "add"),
    ]
    assert digest(page) == replayed(server, operations, pictures(server))
    wait_for(lambda: orders.orders == {}, "what was used is removed")
    page.keyboard.press("Control+z")
    wait_for(lambda: len(server.path(name)) == 2, "one click is one step")


def test_keys_do_it_and_a_refusal_is_said(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    orders = server.documents.orders
    for key in ("Alt+a", "Enter", "Enter"):
        page.keyboard.press(key)
    assert len(asked(server, 1)["inside"]) == 1
    orders.fail(orders.newest(), "Nothing was found there. Click somewhere else, or use Quick selection.")
    expect(
        page.get_by_text("Nothing was found there. Click somewhere else, or use Quick selection.")
    ).to_be_visible()
    assert not page.evaluate("editor.state.selected")
