"""What people miss in other editors, and what they lose there, tried in this one; docs/editor.md lists all of it."""

from __future__ import annotations

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.editor.driving import (
    colour,
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
from tests.services.browser import Pages

WHITE, BLUE = [255, 255, 255, 255], [32, 64, 192, 255]
READ_CLIPBOARD = """async () => {
  const [item] = await navigator.clipboard.read();
  const bytes = new Uint8Array(await (await item.getType('image/png')).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""

REMOVE_STORE = """() => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase('image2-editor-alice');
  request.onsuccess = () => resolve();
  request.onerror = request.onblocked = () => reject(new Error('kept'));
})"""


def slowly(route: Route) -> None:
    """Answer as a network does: the next page takes a moment to come."""
    time.sleep(0.5)
    route.continue_()


def reloaded(page: Page) -> None:
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")


def becomes(page: Page, state: str) -> None:
    wait_for(lambda: digest(page) == state, "that state")


@pytest.mark.long
def test_undo_and_redo_reach_back_beyond_a_reload(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    states = [digest(page)]
    for y in (60, 150, 240):
        drag(page, (50, y), (350, y))
        saved(page, server, name)
        states.append(digest(page))
    reloaded(page)
    page.locator("[data-part=stage]").focus()
    for steps in (2, 1, 0):
        page.keyboard.press("Control+z")
        becomes(page, states[steps])
    saved(page, server, name)
    reloaded(page)
    page.locator("[data-part=stage]").focus()
    assert digest(page) == states[0]
    for steps in (1, 2, 3):
        page.keyboard.press("Control+Shift+z")
        becomes(page, states[steps])


@pytest.mark.long
def test_a_step_of_several_operations_is_undone_at_once_after_a_reload_and_on_top_of_others(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    before = digest(page)
    page.evaluate("editor.commands['layer.group']()")
    wait_for(lambda: page.evaluate("editor.state.layers[0].children.length") == 1, "the group")
    group, move = saved(page, server, name)[1:]
    assert (group["body"].get("back"), move["body"]["back"]) == (None, group["parent"])
    reloaded(page)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: page.evaluate("editor.state.layers.length") == 1, "undo")
    wait_for(lambda: not page.evaluate("editor.state.canUndo"), "back at the beginning")
    assert digest(page) == before
    saved(page, server, name)
    reloaded(page)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+Shift+z")
    wait_for(lambda: page.evaluate("editor.state.layers[0].children.length") == 1, "redo, in one step too")
    page.keyboard.press("Control+z")
    wait_for(lambda: not page.evaluate("editor.state.canUndo"), "and undo")
    saved(page, server, name)

    server.documents.broken = True
    page.evaluate("editor.commands['layer.group']()")
    wait_for(lambda: page.evaluate("editor.state.layers[0].children.length") == 1, "another group")
    elsewhere(server, name, "fill", layer="base", rgba=0xFF2266AA, opacity=255, mode="normal")
    server.documents.broken = False
    page.evaluate("editor.link.tell('sync')")
    wait_for(
        lambda: [each["kind"] for each in server.path(name)][1:] == ["fill", "layer.add", "layer.move"],
        "on top",
    )
    operations = saved(page, server, name)
    assert operations[-1]["body"]["back"] == operations[1]["id"]
    reloaded(page)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: server.head(name) == operations[1]["id"], "one undo leads to what they did")


@pytest.mark.long
def test_a_mask_is_painted_rubbed_out_undone_inverted_and_becomes_a_layer(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.evaluate("editor.options.setColours('#2040c0', '#ffffff')")
    page.keyboard.press("Alt+Backspace")
    page.keyboard.press("Alt+m")
    expect(page.locator(".layer-mask[aria-current]")).to_be_visible()
    page.keyboard.press("e")
    drag(page, (50, 150), (350, 150))
    assert colour(page, 200, 150) == WHITE, "what lies below shows again"
    page.keyboard.press("Control+z")
    wait_for(lambda: colour(page, 200, 150) == BLUE, "undo inside of the mask")
    page.keyboard.press("Control+Shift+z")
    wait_for(lambda: colour(page, 200, 150) == WHITE, "redo inside of the mask")
    page.evaluate("editor.options.setColours('#ffffff', '#000000')")
    page.keyboard.press("b")
    drag(page, (200, 120), (200, 180))
    assert colour(page, 200, 150) == BLUE, "painted back"
    assert colour(page, 100, 150) == WHITE
    page.evaluate("editor.run('mask.selection')")
    page.keyboard.press("Control+Shift+i")
    page.evaluate("editor.run('mask.remove')")
    wait_for(lambda: colour(page, 100, 150) == BLUE, "no mask")
    page.keyboard.press("Alt+m")
    wait_for(lambda: colour(page, 200, 20) == WHITE, "the other way round")
    assert colour(page, 100, 150) == BLUE
    operations = saved(page, server, name)
    reloaded(page)
    assert colour(page, 200, 20) == WHITE, "the mask is there again"
    assert colour(page, 100, 150) == BLUE
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_the_view_is_moved_while_a_mask_is_painted_in_a_size_of_its_own(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.keyboard.press("Alt+Backspace")
    page.keyboard.press("Alt+m")
    expect(page.locator(".layer-mask[aria-current]")).to_be_visible()
    page.keyboard.press("e")
    before = page.locator("#option-size").input_value()
    for _ in range(6):
        page.keyboard.press("]")
    wide = page.locator("#option-size").input_value()
    assert int(wide) > int(before)
    page.keyboard.press("Control++")
    page.mouse.move(*place(page, 200, 150))
    page.keyboard.down(" ")
    page.mouse.down()
    page.mouse.move(*place(page, 160, 130), steps=3)
    page.mouse.up()
    page.keyboard.up(" ")
    page.mouse.wheel(0, 40)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    drag(page, (190, 150), (210, 150))
    assert colour(page, 200, 150) == WHITE
    assert colour(page, 200, 150 + int(wide)) == [26, 26, 26, 255]
    assert [each["kind"] for each in saved(page, server, name)[-2:]] == ["layer.mask", "stroke"]
    page.keyboard.press("q")
    expect(page.locator("#option-size")).to_have_value(before)
    page.keyboard.press("q")
    expect(page.locator("#option-size")).to_have_value(wide)


@pytest.mark.long
def test_the_whole_picture_is_copied_to_the_clipboard(server: PageServer, new_page: Pages) -> None:
    page = new_page(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    drag(page, (50, 150), (350, 150))
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+Shift+c")
    expect(page.locator("#editor-said")).to_have_text("Copied.")
    with Image.open(io.BytesIO(base64.b64decode(page.evaluate(READ_CLIPBOARD)))) as image:
        pixels = np.array(image.convert("RGBA"))
    assert pixels.shape == (300, 400, 4)
    for x, y in ((200, 150), (200, 20), (50, 150)):
        assert pixels[y, x].tolist() == colour(page, x, y)


def test_a_page_that_is_left_in_the_middle_of_a_stroke_keeps_it(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.mouse.move(*place(page, 50, 150))
    page.mouse.down()
    page.mouse.move(*place(page, 350, 150), steps=6)
    page.route(server.address(name), slowly)
    reloaded(page)
    page.mouse.up()
    assert [each["kind"] for each in saved(page, server, name)] == ["open", "stroke"]


def test_a_browser_that_keeps_nothing_says_so_and_the_server_has_every_stroke(
    page: Page, server: PageServer
) -> None:
    """A full disk can't be had in a test's browser; a store that is taken away fails in the same place."""
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    drag(page, (50, 60), (350, 60))
    page.evaluate(REMOVE_STORE)
    for y in (150, 240):
        drag(page, (50, y), (350, y))
    expect(page.locator("[data-part=unkept]")).to_be_visible()
    assert len(saved(page, server, name)) == 4
    assert digest(page) == replayed(server, server.path(name))


@pytest.mark.long
def test_no_canvas_is_larger_than_the_window(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=8192, height=8192)
    open_document(page, server, name)
    page.keyboard.press("Control+1")
    drag(page, (4000, 4000), (4100, 4050))
    sides: list[int] = page.evaluate(
        "[...document.querySelectorAll('canvas')].flatMap(({ width, height }) => [width, height])"
    )
    assert len(sides) >= 4
    assert max(sides) <= 1440
