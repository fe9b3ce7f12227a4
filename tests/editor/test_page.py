"""The editor's page in Chromium: what a person does with it, and what becomes of it on the server."""

from __future__ import annotations

import base64
import time
import uuid

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from editor.replay import strokes
from tests.editor.driving import (
    colour,
    digest,
    drag,
    open_document,
    place,
    replayed,
    saved,
    shot,
    wait_for,
    with_pointer,
)
from tests.editor.page_server import PageServer
from tests.editor.pngs import photograph, png_of
from tests.services.browser import Pages


def test_a_picture_opens_with_its_exact_pixels(page: Page, server: PageServer) -> None:
    pixels = np.dstack([photograph(700, 500), np.tile(np.arange(700) % 256, (500, 1)).astype(np.uint8)])
    name = server.documents.new(png=png_of(pixels))
    open_document(page, server, name)
    pixels[pixels[..., 3] == 0] = 0
    sha256 = server.path(name)[0]["body"]["asset"]
    assert digest(page) == replayed(server, server.path(name), {sha256: pixels})
    assert colour(page, 77, 3) == list(pixels[3, 77])


def test_a_stroke_is_shown_saved_and_replayed_to_the_same_bytes(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=600, height=400)
    open_document(page, server, name)
    drag(page, (100, 100), (300, 200), (500, 120))
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "stroke"]
    assert len(base64.b64decode(operations[1]["blob"])) < 2000
    assert colour(page, 300, 200) == [26, 26, 26, 255]
    assert digest(page) == replayed(server, operations)


def test_undo_and_redo_walk_the_tree_and_a_branch_stays(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    blank = digest(page)
    drag(page, (50, 50), (350, 50))
    first = digest(page)
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == blank, "undo")
    page.keyboard.press("Control+Shift+z")
    wait_for(lambda: digest(page) == first, "redo")
    page.keyboard.press("Control+z")
    drag(page, (50, 250), (350, 250))
    operations = saved(page, server, name)
    assert len(operations) == 2
    assert len(server.documents.documents[name]["log"]) == 3
    page.locator("history-list summary").click()
    page.locator("history-list .history-branches button").click()
    wait_for(lambda: digest(page) == first, "the branch")


def test_strokes_are_back_after_the_page_is_left_without_a_server(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    server.documents.broken = True
    drag(page, (50, 50), (350, 250))
    expect(page.locator("[data-part=saved]")).to_have_text("Only on this device")
    before = digest(page)
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    assert digest(page) == before
    server.documents.broken = False
    page.evaluate("editor.link.tell('sync')")
    assert [operation["kind"] for operation in saved(page, server, name)] == ["open", "stroke"]


@pytest.mark.parametrize(
    ("layout", "key", "code"),
    [("Swiss", "z", "KeyY"), ("Dvorak", "z", "Slash"), ("Cyrillic", "я", "KeyZ"), ("US", "z", "KeyZ")],
)
@pytest.mark.few(2)
def test_ctrl_z_undoes_on_every_layout(
    page: Page, server: PageServer, layout: str, key: str, code: str
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    blank = digest(page)
    drag(page, (50, 50), (350, 250))
    wait_for(lambda: digest(page) != blank)
    painted = digest(page)
    press(page, key, code, CTRL)
    wait_for(lambda: digest(page) == blank, f"undo on {layout}")
    press(page, key.upper(), code, CTRL | SHIFT)
    wait_for(lambda: digest(page) == painted, f"redo on {layout}")


CTRL, SHIFT = 2, 8  # as DevTools has them


def press(page: Page, key: str, code: str, held: int) -> None:
    """Press a key of another layout, by DevTools: the browser can't tell it from a real one."""
    session = page.context.new_cdp_session(page)
    for kind in ("rawKeyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": code, "modifiers": held})
    session.detach()


def test_another_device_is_taken_in_and_own_work_goes_on_top(
    page: Page, server: PageServer, new_page: Pages
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = new_page(viewport={"width": 1000, "height": 700})
    open_document(other, server, name)
    drag(page, (50, 50), (350, 50))
    saved(page, server, name)
    drag(other, (50, 250), (350, 250))
    operations = saved(other, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "stroke", "stroke"]
    expect(other.locator(".toast")).to_contain_text("Your changes were put on top")
    drag(page, (50, 150), (350, 150))
    assert len(saved(page, server, name)) == 4
    assert digest(page) == replayed(server, server.path(name))


def test_what_was_done_without_a_server_goes_on_top_of_what_others_did_meanwhile(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    server.documents.broken = True
    drag(page, (50, 50), (350, 50))
    page.evaluate("editor.link.ask('drawn')")
    document = server.documents.documents[name]
    fill = {"layer": "base", "rgba": 0xFF2266AA, "opacity": 255, "mode": "normal"}
    theirs = {
        "id": str(uuid.uuid4()),
        "parent": document["head"],
        "kind": "fill",
        "engine": "k1",
        "body": fill,
    }
    call = {"head": theirs["id"], "expected": document["head"], "operations": [{**theirs, "blob": ""}]}
    assert server.documents.append(name, call)[0] == 200
    server.documents.broken = False
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(lambda: len(server.path(name)) == 3, "the stroke on top of theirs")
    drag(page, (50, 150), (350, 150))
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "fill", "stroke", "stroke"]
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_what_the_server_refuses_is_left_out_with_its_sentence(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    server.documents.refuse = "fill"
    page.keyboard.press("Alt+Backspace")
    expect(page.locator(".toast")).to_contain_text("This step isn't allowed here.")
    drag(page, (50, 50), (350, 50))
    assert [operation["kind"] for operation in saved(page, server, name)] == ["open", "stroke"]


SOON = """
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, transfer) {
  return post.call(this, message.type === 'start' ? { ...message, quiet: 300 } : message, transfer);
};"""


@pytest.mark.long
def test_pixels_are_compared_with_the_servers_when_nobody_draws(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(SOON)
    checks = server.documents.checks
    name = server.documents.new(width=1100, height=700)
    open_document(page, server, name)
    wait_for(lambda: len(checks) == 1, "a check after opening")
    x, y = place(page, 100, 100)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(8):
        page.mouse.move(x + 20 * step, y + 5 * step)
        time.sleep(0.1)
    assert len(checks) == 1  # not while a stroke is in hand
    page.mouse.up()
    operations = saved(page, server, name)
    wait_for(lambda: len(checks) == 2, "a check after the stroke")
    assert [check["operation"] for check in checks] == [operation["id"] for operation in operations]
    assert checks[0]["digest"] == replayed(server, operations[:1])
    assert checks[1]["digest"] == digest(page) == replayed(server, operations)
    time.sleep(1)
    assert len(checks) == 2  # once for each state


@pytest.mark.long
def test_nothing_is_compared_that_the_server_does_not_have(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(SOON)
    checks = server.documents.checks
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    wait_for(lambda: len(checks) == 1, "a check after opening")
    server.documents.broken = True
    drag(page, (50, 50), (350, 50))
    time.sleep(1)
    server.documents.broken = False
    assert len(checks) == 1
    page.evaluate("editor.link.tell('sync')")
    operations = saved(page, server, name)
    wait_for(lambda: len(checks) == 2, "a check once it is saved")
    assert checks[1] == {"operation": operations[-1]["id"], "digest": replayed(server, operations)}


@pytest.mark.long
def test_a_document_is_flattened_into_a_new_one_from_its_page(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    drag(page, (50, 50), (350, 50))
    page.get_by_role("button", name="Flatten into a new document").click()
    dialog = page.get_by_role("dialog", name="Flatten into a new document")
    expect(dialog.get_by_role("alert")).to_be_hidden()
    dialog.get_by_role("button", name="Make the new document").click()
    expect(dialog.get_by_role("status")).to_contain_text("The new document is ready.")
    dialog.get_by_role("link", name="Open the new document").click()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    assert page.evaluate("editor.state.width") == 77
    assert len(server.path(name)) == 2


@pytest.mark.long
def test_a_document_that_is_full_offers_to_be_flattened(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    server.documents.most = 2
    open_document(page, server, name)
    drag(page, (50, 50), (350, 50))
    saved(page, server, name)
    drag(page, (50, 150), (350, 150))
    dialog = page.get_by_role("dialog", name="Flatten into a new document")
    expect(dialog.get_by_role("alert")).to_have_text("This document is full. Flatten it into a new one.")
    dialog.get_by_role("button", name="Make the new document").click()
    expect(dialog.get_by_role("link", name="Open the new document")).to_be_focused()
    assert [operation["kind"] for operation in server.path(name)] == ["open", "stroke"]


def test_a_pen_presses_and_a_pointer_that_is_taken_away_keeps_its_stroke(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    with_pointer(page, "pen", (100, 100), (200, 100), pressures=(0.25, 0.9))
    [_, stroke] = saved(page, server, name)
    samples = strokes.unpack(base64.b64decode(stroke["blob"]))
    assert stroke["body"]["flags"] == 1
    assert samples[0, 2] == 64
    assert samples[-1, 2] > 200
    assert (np.diff(samples[:, 2].astype(int)) >= 0).all()

    page.evaluate("editor.pointer.penSeen = 0")  # with a pen at hand, a finger moves the picture
    with_pointer(page, "touch", (100, 200), (200, 200), cancel=True)
    [_, _, taken] = saved(page, server, name)
    points = strokes.unpack(base64.b64decode(taken["blob"]))
    assert points[-1, 0] > 190 * 16
    assert (points[:, 2] == 255).all()
    assert digest(page) == replayed(server, server.path(name))


def test_layers_are_added_moved_blended_and_merged(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    drag(page, (50, 50), (350, 250))
    page.get_by_label("Blend mode").select_option("multiply")
    page.locator("#layer-opacity").fill("50")
    page.locator("#layer-opacity").press("Enter")
    page.get_by_role("button", name="Duplicate layer").click()
    expect(page.locator("layer-list .layer")).to_have_count(3)
    page.get_by_role("button", name="Add or edit the mask").click()
    expect(page.locator(".layer-mask[aria-current]")).to_be_visible()
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("e")
    drag(page, (200, 20), (200, 280))
    page.keyboard.press("Control+g")
    expect(page.locator("layer-list .layer")).to_have_count(4)
    page.keyboard.press("Control+[")
    page.keyboard.press("Control+e")
    operations = saved(page, server, name)
    kinds = [operation["kind"] for operation in operations]
    assert {"layer.add", "layer.set", "layer.duplicate", "layer.mask", "layer.move", "layer.merge"} <= set(
        kinds
    )
    assert digest(page) == replayed(server, operations)


def test_what_the_screen_shows_is_what_the_document_is(page: Page, server: PageServer) -> None:
    """After strokes, undo and a moved layer the tiles on the screen are those of a document opened anew."""
    name = server.documents.new(width=900, height=700)
    open_document(page, server, name)
    page.keyboard.press("Control+1")
    page.keyboard.press("Shift+N")
    drag(page, (200, 200), (600, 400), (300, 500))
    page.keyboard.press("v")
    drag(page, (300, 300), (340, 280))
    page.keyboard.press("b")
    drag(page, (250, 500), (600, 250))
    page.keyboard.press("Control+z")
    saved(page, server, name)
    page.evaluate("editor.overlay.outline(null); editor.hover(null); document.activeElement.blur()")
    page.mouse.move(5, 5)
    time.sleep(0.3)
    before = shot(page)
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    page.keyboard.press("Control+1")
    page.mouse.move(5, 5)
    time.sleep(0.5)
    assert shot(page) == before


def test_every_control_has_a_name_and_no_id_is_there_twice(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, textarea, a[href]')].filter((element) => {
          const label = element.getAttribute('aria-label') || element.labels?.[0]?.textContent || element.textContent;
          return !label.trim() && !element.closest('dialog');
        }).map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    twice = page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
          return ids.filter((id, i) => ids.indexOf(id) !== i);
        }"""
    )
    assert twice == []
