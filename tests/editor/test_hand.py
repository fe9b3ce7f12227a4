"""What a tool has in hand and has not applied is there again after a reload, and after the renderer was killed."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from editor.replay import strokes
from tests.editor.driving import (
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
from tests.services.browser import Pages

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('draft:alice:hand:')).length"
TRANSFORM = "(({ corners, mode, method }) => ({ corners, mode, method }))(editor.geometry.ready.transform)"
MESH = "(({ moved, parts, method }) => ({ moved, parts, method }))(editor.geometry.ready.mesh)"
CROP = (
    "(({ centre, width, height, ratio }) => ({ centre, width, height, ratio }))(editor.geometry.ready.crop)"
)
PEN = "editor.shapes.ready.pen.nodes"
POLYGON = "editor.overlay.points.slice(0, 3).map(({ x, y }) => [x, y])"


# What toasts said, since a busy machine may look when one is gone.
TOASTS = (
    "globalThis.toasts = []; document.addEventListener('toast', ({ detail }) => toasts.push(detail.message))"
)


def opened(page: Page, server: PageServer) -> str:
    page.context.add_init_script(TOASTS)
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    return name


def keys(page: Page, *presses: str) -> None:
    page.locator("[data-part=stage]").focus()
    for press in presses:
        page.keyboard.press(press)
    wait_for(lambda: not page.evaluate("editor.turns.busy"), "the end of what was pressed")


def click(page: Page, x: float, y: float) -> None:
    page.mouse.click(*place(page, x, y))


def transform(page: Page) -> None:
    keys(page, "Alt+t", "ArrowRight", "Shift+ArrowDown", "Control+ArrowRight")
    page.locator("#transform-method").select_option("nearest")


def mesh(page: Page) -> None:
    keys(page, "Alt+w", "Tab", "Shift+ArrowDown", "ArrowRight")


def crop(page: Page) -> None:
    keys(page, "c", "Alt+Shift+ArrowLeft", "Shift+ArrowRight")
    page.locator("#crop-ratio").select_option("4:3")


def pen(page: Page) -> None:
    keys(page, "p")
    for x, y in ((50, 50), (150, 60), (120, 200)):
        click(page, x, y)


def polygon(page: Page) -> None:
    keys(page, "Shift+l")
    for x, y in ((50, 50), (150, 60), (120, 200)):
        click(page, x, y)


BEGUN: dict[str, Any] = {
    "transform": (transform, TRANSFORM, "transform"),
    "mesh": (mesh, MESH, "mesh"),
    "crop": (crop, CROP, "crop"),
    "pen": (pen, PEN, "layer.add"),
    "polygon": (polygon, POLYGON, "select"),
}


@pytest.mark.few(2)
@pytest.mark.parametrize("tool", BEGUN)
def test_what_was_in_hand_is_there_after_a_crash(server: PageServer, new_page: Pages, tool: str) -> None:
    begin, values, kind = BEGUN[tool]
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    begin(page)
    assert page.evaluate(KEPT) == 1
    before = page.evaluate(values)
    steps = len(saved(page, server, name))
    kill(page)

    page = page_after_a_crash(context)
    open_document(page, server, name)
    expect(page.locator("[data-part=stage]")).to_have_attribute("data-tool", tool)
    wait_for(lambda: page.evaluate("Boolean(editor.hand?.kept)"), "what was in hand")
    assert page.evaluate(values) == before
    wait_for(
        lambda: "what you had not applied is here again" in " ".join(page.evaluate("toasts")), "the sentence"
    )
    assert len(saved(page, server, name)) == steps
    keys(page, "Shift+Enter" if tool == "polygon" else "Enter")
    assert [operation["kind"] for operation in saved(page, server, name)[steps:]] == [kind]
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")


@pytest.mark.long
def test_a_stroke_that_bends_is_done_after_the_renderer_was_killed_in_its_middle(
    server: PageServer, new_page: Pages
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    drag(page, (50, 150), (350, 150))
    keys(page, "Shift+y")
    page.mouse.move(*place(page, 100, 150))
    page.mouse.down()
    for x in range(110, 250, 20):
        page.mouse.move(*place(page, x, 150 + x / 10))
        page.wait_for_timeout(60)
    wait_for(lambda: page.evaluate(KEPT) == 1, "the draft")
    kill(page)

    page = page_after_a_crash(context)
    open_document(page, server, name)
    wait_for(lambda: page.evaluate("editor.state.history.items.length") == 3, "the stroke")
    assert [operation["kind"] for operation in saved(page, server, name)] == [
        "open",
        "stroke",
        "retouch.liquify",
    ]
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")


def half_a_stroke(page: Page) -> list[int]:
    """Draw with the pen still down; return the samples that are kept."""
    page.mouse.move(*place(page, 60, 150))
    page.mouse.down()
    for x in range(70, 210, 20):
        page.mouse.move(*place(page, x, 150))
        page.wait_for_timeout(60)  # as long as a hand takes, so that it is kept meanwhile
    return wait_for(lambda: page.evaluate(SAMPLES), "the draft")  # type: ignore[no-any-return]


SAMPLES = (
    "JSON.parse(localStorage.getItem(`draft:alice:hand:${location.pathname}`) ?? 'null')?.values.samples"
)


@pytest.mark.few(1)
@pytest.mark.parametrize("key", ["b", "e", "Shift+j"])
def test_a_stroke_is_done_as_far_as_it_was_drawn_when_the_renderer_is_killed(
    server: PageServer, new_page: Pages, key: str
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    drag(page, (50, 150), (350, 150))  # what keeps the next ones is loaded with it
    steps = len(saved(page, server, name))
    keys(page, key)
    tool = page.evaluate("editor.tool.name")
    kept = half_a_stroke(page)
    kill(page)

    page = page_after_a_crash(context)
    open_document(page, server, name)
    wait_for(lambda: page.evaluate("editor.state.history.items.length") == steps + 1, "the stroke")
    assert page.evaluate("editor.tool.name") == tool
    operations = saved(page, server, name)
    assert len(operations) == steps + 1
    points = strokes.unpack(base64.b64decode(operations[-1]["blob"]))
    assert len(kept) >= 9
    assert points.reshape(-1).tolist()[: len(kept)] == kept  # it may have been kept once more before the end
    assert digest(page) == replayed(server, operations)
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")


def test_a_stroke_that_was_lifted_is_not_done_again(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    drag(page, (50, 100), (350, 100))
    half_a_stroke(page)
    left = page.evaluate("localStorage.getItem(`draft:alice:hand:${location.pathname}`)")
    head = page.evaluate("editor.state.history.head")
    page.mouse.up()
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
    operations = saved(page, server, name)
    # The crash comes between the stroke on the disk and the end of its draft.
    page.evaluate(
        """([left, head]) => {
          const { at, values } = JSON.parse(left);
          const applied = JSON.stringify({ at, values: { ...values, head, applying: true } });
          localStorage.setItem(`draft:alice:hand:${location.pathname}`, applied);
        }""",
        [left, head],
    )
    kill(page)
    page = page_after_a_crash(context)
    open_document(page, server, name)
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
    assert saved(page, server, name) == operations


def test_of_a_stroke_that_goes_on_as_a_new_one_only_the_new_one_is_in_hand(
    server: PageServer, new_page: Pages
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    drag(page, (50, 100), (350, 100))
    page.evaluate(
        """() => {
          const at = (i) => ({ x: 20 + i % 360, y: 150 + i % 7, pressure: 1, typed: true });
          const brush = editor.tools.get('brush');
          brush.down(editor, at(0));
          brush.move(editor, Array.from({ length: 19_200 }, (_, i) => at(i + 1)));
          brush.move(editor, Array.from({ length: 50 }, (_, i) => at(i + 5)));
        }"""
    )
    wait_for(lambda: 0 < len(page.evaluate(SAMPLES) or []) <= 3 * 51, "the draft of the new stroke")
    page.evaluate("editor.link.ask('kept')")
    kill(page)
    page = page_after_a_crash(context)
    open_document(page, server, name)
    wait_for(lambda: page.evaluate("editor.state.history.items.length") == 4, "both strokes")
    operations = saved(page, server, name)
    counts = [strokes.unpack(base64.b64decode(each["blob"])).size // 3 for each in operations[2:]]
    # The second one begins with the last point of the first, wherever that ended.
    assert len(counts) == 2
    assert sum(counts) == 19_252
    assert counts[0] >= 19_201
    assert digest(page) == replayed(server, operations)


def test_a_stroke_that_was_dropped_is_not_done_again(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    drag(page, (50, 100), (350, 100))
    half_a_stroke(page)
    page.keyboard.press("Escape")
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
    page.mouse.up()
    assert [each["kind"] for each in saved(page, server, name)] == ["open", "stroke"]


FILTER_KEPT = KEPT.replace(":hand:", ":filter:")


def filter_of_cells(page: Page) -> None:
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+Shift+F")
    page.get_by_role("dialog", name="Filter").get_by_role("button", name="Pixelate").click()
    page.get_by_role("spinbutton", name="Cell size").fill("30")
    page.keyboard.press("Tab")
    wait_for(lambda: page.evaluate("editor.effects.ready.filter?.values.size") == 30, "the value")
    assert page.evaluate(FILTER_KEPT) == 1


def test_a_filter_is_tried_again_after_the_renderer_was_killed(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    context = page.context
    name = opened(page, server)
    drag(page, (50, 150), (350, 150))
    filter_of_cells(page)
    steps = len(saved(page, server, name))
    kill(page)

    page = page_after_a_crash(context)
    open_document(page, server, name)
    values = page.get_by_role("group", name="Adjustment")
    expect(values.get_by_role("spinbutton", name="Cell size")).to_have_value("30")
    wait_for(
        lambda: "what you had not applied is here again" in " ".join(page.evaluate("toasts")), "the sentence"
    )
    assert len(saved(page, server, name)) == steps
    values.get_by_role("button", name="Apply").click()
    expect(values).to_be_hidden()
    operations = saved(page, server, name)
    assert operations[-1]["body"]["filter"] == {"kind": "pixelate", "size": 30}
    wait_for(lambda: page.evaluate(FILTER_KEPT) == 0, "the end of the draft")


def test_a_filter_that_was_given_up_is_not_tried_again(page: Page, server: PageServer) -> None:
    opened(page, server)
    filter_of_cells(page)
    page.keyboard.press("Escape")
    wait_for(lambda: page.evaluate(FILTER_KEPT) == 0, "the end of the draft")


def test_what_was_given_up_or_applied_is_not_there_again(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    for last in ("Escape", "Enter"):
        keys(page, "Alt+t", "ArrowRight", last)
        wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
    saved(page, server, name)
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    assert page.evaluate("editor.tool.name") == "brush"


@pytest.mark.few(1)
@pytest.mark.parametrize("tool", ["crop", "polygon"])
def test_what_no_longer_fits_is_not_forced_onto_another_picture(
    page: Page, server: PageServer, tool: str
) -> None:
    name = opened(page, server)
    BEGUN[tool][0](page)
    left = page.evaluate("localStorage.getItem(`draft:alice:hand:${location.pathname}`)")
    keys(page, "Escape")
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
    page.evaluate("editor.do('canvas', { width: 380, height: 300, dx: 0, dy: 0 })")
    page.evaluate("(left) => localStorage.setItem(`draft:alice:hand:${location.pathname}`, left)", left)
    keys(page, "b", "Shift+N")
    saved(page, server, name)
    page.reload()
    wait_for(lambda: "can't be restored" in " ".join(page.evaluate("toasts")), "the sentence")
    assert page.evaluate(KEPT) == 0


def test_another_tab_leaves_what_this_one_has_in_hand(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    keys(page, "Alt+t", "ArrowRight")
    other = page.context.new_page()
    open_document(other, server, name)
    other.evaluate("editor.link.ask('drawn')")
    assert other.evaluate("editor.tool.name") == "brush"
    other.close()
    assert page.evaluate(KEPT) == 1


@pytest.mark.long
def test_a_path_stays_in_hand_through_a_step_of_its_own_kind(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    pen(page)
    nodes = page.evaluate(PEN)
    keys(page, "Shift+N")
    saved(page, server, name)
    page.reload()
    wait_for(lambda: page.evaluate("Boolean(editor.hand?.kept)"), "what was in hand")
    assert page.evaluate(PEN) == nodes
    keys(page, "Enter")
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")


@pytest.mark.long
def test_a_path_waits_for_a_script_that_did_not_come(page: Page, server: PageServer, new_page: Pages) -> None:
    new_page.expect_error("net::ERR_FAILED")
    new_page.expect_error("dynamically imported module")
    name = opened(page, server)
    pen(page)
    nodes = page.evaluate(PEN)
    saved(page, server, name)
    page.route("**/shapes/room*.js", lambda route: route.abort())
    page.reload()
    wait_for(lambda: "can't be reached" in " ".join(page.evaluate("toasts")), "the sentence")
    wait_for(lambda: not page.evaluate("editor.turns.busy"), "the end of the try")
    assert page.evaluate(KEPT) == 1
    page.unroute_all()
    page.reload()
    wait_for(lambda: page.evaluate("Boolean(editor.hand?.kept)"), "what was in hand")
    assert page.evaluate(PEN) == nodes


@pytest.mark.long
def test_a_polygon_is_selected_before_the_picture_is_turned(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    polygon(page)
    page.evaluate("editor.do('orient', { how: '90' })")
    assert [each["kind"] for each in saved(page, server, name)[-2:]] == ["select", "orient"]
    wait_for(lambda: page.evaluate(KEPT) == 0, "the end of the draft")
