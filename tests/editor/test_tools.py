"""Every tool of the editor, by keys alone and by mouse; selections, the clipboard, and what is left after a crash."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import (
    colour,
    digest,
    drag,
    kill,
    open_document,
    page_after_a_crash,
    place,
    replayed,
    saved,
    wait_for,
)
from tests.editor.page_server import PageServer
from tests.editor.pngs import png_of
from tests.examples import few_of
from tests.services.browser import Pages

SPRITE = Path(__file__).parents[2] / "static" / "icons" / "sprite.svg"
ACROSS = ["Enter", *["Shift+ArrowRight"] * 6, *["Shift+ArrowDown"] * 4, "Enter"]
# What a person presses on the canvas for each tool, and the kinds of operations that come of it.
BY_KEYS: dict[str, tuple[list[str], list[str]]] = {
    "brush": (["b", *ACROSS], ["stroke"]),
    "eraser": (["e", *ACROSS], ["stroke"]),
    "rectangle": (["m", *ACROSS], ["select"]),
    "ellipse": (["Shift+M", *ACROSS], ["select"]),
    "lasso": (["l", "Enter", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 3, "Enter"], ["select"]),
    "polygon": (
        [
            "Shift+L",
            "Enter",
            *["Shift+ArrowRight"] * 3,
            "Enter",
            *["Shift+ArrowDown"] * 3,
            "Enter",
            "Shift+Enter",
        ],
        ["select"],
    ),
    "quick": (["a", *ACROSS], ["select"]),
    "wand": (["w", "Enter"], ["select"]),
    "colour": (["Shift+W", "Enter"], ["select"]),
    "fill": (["k", "Enter"], ["select", "fill", "select"]),
    "gradient": (["g", *ACROSS], ["gradient"]),
    "move": (["v", *ACROSS], ["layer.shift"]),
    "clone": (["s", "Alt+Enter", *["Shift+ArrowRight"] * 3, *ACROSS], ["retouch.clone"]),
    "healing": (["j", "Alt+Enter", *["Shift+ArrowRight"] * 3, *ACROSS], ["retouch.heal"]),
    "spot": (["Shift+J", *ACROSS], ["retouch.spot"]),
    "dodge": (["o", *ACROSS], ["retouch.tone"]),
    "burn": (["Shift+O", *ACROSS], ["retouch.tone"]),
    "smudge": (["r", *ACROSS], ["retouch.smudge"]),
    "liquify": (["Shift+Y", *ACROSS], ["retouch.liquify"]),
    "redeye": (["y", "Enter", "Enter"], ["retouch.red"]),
    "heal": (
        ["Alt+j", "Enter", *["Shift+ArrowRight"] * 2, *["Shift+ArrowDown"] * 2, "Enter"],
        ["select", "erase", "select"],
    ),
}


BY_FRAMES = (
    "text",
    "crop",
    "transform",
    "mesh",
    "shape",
    "pen",
    "object",
)  # by keys in test_object_page.py, test_geometry_page.py, test_mesh_page.py and test_shapes_page.py


@pytest.mark.few(2)
@pytest.mark.parametrize("tool", few_of(BY_KEYS, {"brush", "polygon", "clone", "spot"}))
def test_a_tool_is_used_by_keys_alone(page: Page, server: PageServer, tool: str) -> None:
    keys, kinds = BY_KEYS[tool]
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === editor.parts.stage"):
            break
    expect(page.get_by_role("application", name="Canvas")).to_be_focused()
    for key in keys:
        page.keyboard.press(key)
    wait_for(lambda: len(server.path(name)) == 1 + len(kinds), tool)
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations[1:]] == kinds
    assert digest(page) == replayed(server, operations)
    page.keyboard.press("Control+z")
    wait_for(lambda: page.evaluate("!editor.state.canUndo"), "one gesture is one step")


@pytest.mark.long
def test_colours_are_picked_and_the_view_moved_by_keys(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300, rgba=0xFF2040C0)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("i")
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("editor.options.front") == "#c04020", "the colour")
    page.keyboard.press("Control++")
    page.keyboard.press("Control++")
    scale = page.evaluate("editor.view.scale")
    page.keyboard.press("Control+0")
    assert page.evaluate("editor.view.scale") < scale
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


@pytest.mark.long
def test_the_view_is_dragged_and_zoomed_by_keys_with_their_tools(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=4000, height=3000)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+1")
    page.keyboard.press("h")
    before = page.evaluate("editor.view.toScreen(0, 0)")
    for key in ACROSS:
        page.keyboard.press(key)
    after = page.evaluate("editor.view.toScreen(0, 0)")
    assert after["x"] > before["x"]
    assert after["y"] > before["y"]
    scale = page.evaluate("editor.view.scale")
    page.keyboard.press("z")
    page.keyboard.press("Enter")
    assert page.evaluate("editor.view.scale") > scale


def test_every_tool_has_a_name_a_key_and_an_icon_of_the_set(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    tools = page.evaluate(
        """() => [...document.querySelectorAll('[data-command^="tool."]')].map((button) => ({
          command: button.dataset.command,
          name: button.getAttribute('aria-label') || button.textContent.trim(),
          title: button.title,
          keys: button.getAttribute('aria-keyshortcuts'),
          icon: button.querySelector('svg use')?.getAttribute('href')?.split('#')[1] ?? null,
        }))"""
    )
    with_keys = {tool.removeprefix("generate.") for tool in (*BY_KEYS, *BY_FRAMES, "pick", "hand", "zoom")}
    known = set(page.evaluate("[...editor.tools.keys()]"))
    assert {tool["command"].removeprefix("tool.") for tool in tools} == known
    assert {tool for tool in known if not tool.startswith("generate.")} == with_keys
    assert [tool for tool in tools if not (tool["name"] and tool["keys"] and tool["icon"])] == []
    assert [tool for tool in tools if tool["name"] not in tool["title"] or "(" not in tool["title"]] == []
    assert len({tool["icon"] for tool in tools}) == len(tools), "two tools look the same"
    icons = set(re.findall(r'<symbol[^>]* id="([^"]+)"', SPRITE.read_text()))
    assert {tool["icon"] for tool in tools} <= icons


@pytest.mark.long
def test_gestures_are_forms_too(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("m")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Rectangle selection")
    for label, value in (("X", "10"), ("Y", "20"), ("To X", "110"), ("To Y", "80")):
        dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_role("button", name="Apply").click()
    wait_for(lambda: len(server.path(name)) == 2)
    body = saved(page, server, name)[1]["body"]
    assert {key: body[key] for key in ("x0", "y0", "x1", "y1")} == {"x0": 10, "y0": 20, "x1": 110, "y1": 80}
    expect(page.locator("#editor-said")).to_have_text("Selected: 100 by 60 pixels.")


@pytest.mark.long
def test_selections_bound_what_is_painted_and_are_changed(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("m")
    drag(page, (100, 100), (200, 200))
    page.keyboard.down("Shift")
    drag(page, (150, 150), (300, 250))
    page.keyboard.up("Shift")
    page.keyboard.down("Alt")
    drag(page, (90, 90), (120, 120))
    page.keyboard.up("Alt")
    page.keyboard.press("Alt+.")
    page.get_by_role("dialog", name="Grow selection").get_by_role("button", name="Apply").click()
    page.keyboard.press("Alt+f")
    page.get_by_role("dialog", name="Feather selection").get_by_role("button", name="Apply").click()
    page.keyboard.press("Control+Shift+i")
    page.keyboard.press("Alt+Backspace")
    wait_for(lambda: server.path(name)[-1]["kind"] == "fill")
    assert colour(page, 20, 20) == [26, 26, 26, 255]
    assert colour(page, 170, 170) == [255, 255, 255, 255]
    page.keyboard.press("Control+d")
    operations = saved(page, server, name)
    hows = [operation["body"].get("how") for operation in operations if operation["kind"] == "select"]
    assert hows[:3] == ["replace", "add", "subtract"]
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_a_thing_is_selected_by_a_stroke_and_a_part_of_it_taken_out(page: Page, server: PageServer) -> None:
    pixels = np.full((300, 400, 4), (90, 120, 150, 255), np.uint8)
    pixels[60:240, 80:320] = (200, 90, 40, 255)
    pixels[60:240, 220:320] = (30, 160, 60, 255)
    name = server.documents.new(png=png_of(pixels))
    open_document(page, server, name)
    page.keyboard.press("a")
    page.keyboard.press("[")
    expect(page.locator("#option-size")).to_have_value("36")
    drag(page, (120, 150), (290, 150))
    expect(page.locator("#editor-said")).to_have_text("Selected: 240 by 180 pixels.")
    page.keyboard.down("Alt")
    drag(page, (270, 110), (270, 190))
    page.keyboard.up("Alt")
    expect(page.locator("#editor-said")).to_have_text("Selected: 140 by 180 pixels.")
    [opened, *selected] = saved(page, server, name)
    assert [operation["body"]["how"] for operation in selected] == ["add", "subtract"]
    page.keyboard.press("Alt+Backspace")
    wait_for(lambda: server.path(name)[-1]["kind"] == "fill")
    assert colour(page, 100, 100) == [26, 26, 26, 255]
    assert colour(page, 290, 100) == [30, 160, 60, 255]
    pictures = {opened["body"]["asset"]: pixels}
    assert digest(page) == replayed(server, saved(page, server, name), pictures)


@pytest.mark.long
def test_what_is_copied_is_pasted_as_a_layer(server: PageServer, new_page: Pages) -> None:
    page = new_page(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    drag(page, (50, 150), (350, 150))
    page.keyboard.press("m")
    drag(page, (100, 100), (200, 200))
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+c")
    expect(page.locator("#editor-said")).to_have_text("Copied.")
    page.keyboard.press("Control+v")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    added = saved(page, server, name)[-1]
    assert added["kind"] == "layer.add"
    png = server.documents.assets[added["body"]["asset"]]
    assert png.startswith(b"\x89PNG")
    assert page.evaluate("editor.state.layers.at(-1).name") == "Pasted picture"


@pytest.mark.long
def test_before_and_after_are_compared_while_a_key_is_held(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    drag(page, (50, 150), (350, 150))
    page.keyboard.down("\\")
    expect(page.locator("[data-part=compare]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.up("\\")
    expect(page.locator("[data-part=compare]")).to_have_attribute("aria-pressed", "false")


@pytest.mark.long
def test_a_locked_layer_says_so(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("/")
    expect(page.get_by_role("button", name="Lock layer")).to_have_attribute("aria-pressed", "true")
    drag(page, (50, 150), (350, 150))
    expect(page.locator(".toast")).to_contain_text("This layer is locked. Unlock it first.")
    assert len(saved(page, server, name)) == 2


def test_two_people_on_one_browser_do_not_see_each_others_drafts(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    server.documents.broken = True
    drag(page, (50, 150), (350, 150))
    page.evaluate("editor.link.ask('kept')")
    page.goto("about:blank")
    server.documents.broken = False
    server.handler.account = "bob"
    page.goto(server.address(name))
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    assert not page.evaluate("editor.state.canUndo")


def test_a_browser_that_lacks_something_shows_a_sentence(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1000, "height": 700})
    page.add_init_script("delete globalThis.OffscreenCanvas")
    page.goto(server.address(server.documents.new()))
    expect(page.get_by_text("This browser can't run the editor")).to_be_visible()


def test_a_document_that_cannot_be_loaded_says_so(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1000, "height": 700})
    server.documents.broken = True
    page.goto(server.address(server.documents.new()))
    expect(page.get_by_role("alert")).to_contain_text("Check your connection and reload the page.")


def crash(page: Page) -> None:
    """Kill the renderer in the middle of a stroke."""
    page.mouse.move(500, 300)
    page.mouse.down()
    page.mouse.move(700, 420, steps=4)
    kill(page)


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.long)])
def test_all_earlier_strokes_are_back_after_the_renderer_is_killed(
    server: PageServer, new_page: Pages, times: int
) -> None:
    name = server.documents.new(width=400, height=300)
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    # Without the server, so that what comes back comes from this browser alone.
    for count in range(1, times + 1):
        server.documents.broken = False
        open_document(page, server, name)
        server.documents.broken = True
        drag(page, (20, 10 + 12 * count), (380, 10 + 12 * count))
        drag(page, (20, 14 + 12 * count), (380, 14 + 12 * count))
        before = page.evaluate("editor.link.ask('kept').then(() => editor.link.ask('digest'))")
        steps = page.evaluate("editor.state.history.items.length + editor.state.history.more")
        crash(page)
        page = page_after_a_crash(context)
        page.goto(server.address(name))
        expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
        assert digest(page) == before
        assert page.evaluate("editor.state.history.items.length + editor.state.history.more") == steps
    server.documents.broken = False
    page.evaluate("editor.link.tell('sync')")
    strokes = [operation for operation in saved(page, server, name) if operation["kind"] == "stroke"]
    assert len(strokes) == 2 * times
    assert all(len(base64.b64decode(stroke["blob"])) < 2000 for stroke in strokes)


@pytest.mark.long
def test_what_is_selected_is_dragged_and_alt_leaves_a_copy(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("m")
    drag(page, (50, 50), (150, 150))
    page.keyboard.press("Alt+Backspace")
    page.keyboard.press("v")
    drag(page, (100, 100), (300, 150))
    wait_for(lambda: colour(page, 60, 60) == [0, 0, 0, 0], "it is dragged away")
    assert colour(page, 260, 110) == [26, 26, 26, 255]
    page.keyboard.down("Alt")
    drag(page, (300, 150), (100, 150))
    page.keyboard.up("Alt")
    wait_for(lambda: colour(page, 60, 120) == colour(page, 260, 110) == [26, 26, 26, 255], "a copy is left")
    page.keyboard.press("Control+d")
    drag(page, (200, 200), (200, 260))
    operations = saved(page, server, name)
    kinds = [operation["kind"] for operation in operations]
    assert kinds == ["open", "select", "fill", "move", "move", "select", "layer.shift"]
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_a_picture_that_is_dropped_becomes_a_layer_where_it_fell(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    png = png_of(np.full((20, 40, 4), (200, 30, 60, 255), np.uint8))
    x, y = place(page, 100, 80)
    page.evaluate(
        """([data, x, y]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], 'Boat.png', { type: 'image/png' }));
          const send = (type) => editor.parts.stage.dispatchEvent(new DragEvent(type, {
            dataTransfer, clientX: x, clientY: y, bubbles: true, cancelable: true,
          }));
          send('dragover');
          send('drop');
        }""",
        [base64.b64encode(png).decode(), x, y],
    )
    expect(page.locator("layer-list .layer")).to_have_count(2)
    expect(page.locator("layer-list .layer-label").first).to_have_text("Boat")
    assert colour(page, 85, 75) == [200, 30, 60, 255]
    assert colour(page, 125, 80) == [255, 255, 255, 255]
    assert saved(page, server, name)[-1]["kind"] == "layer.add"
