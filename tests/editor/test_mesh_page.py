"""The mesh tool on the page: by mouse, by a finger, by numbers and by keys alone, each one operation, and undone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

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

SQUARE = [
    """editor.do('select', { shape: 'rectangle', how: 'replace', x0: 100, y0: 75, x1: 300, y1: 225 })""",
    """editor.do('fill', { layer: editor.layer, rgba: 0xff2040c0, opacity: 255, mode: 'normal' })""",
    """editor.do('select', { shape: 'none' })""",
]


def a_square(page: Page, server: PageServer) -> str:
    """A document with a square on a layer of its own, and the mesh tool in hand."""
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("Shift+N")
    for step in SQUARE:
        page.evaluate(step)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Alt+w")
    expect(page.get_by_role("heading", name="Mesh warp")).to_be_visible()
    wait_for(lambda: page.evaluate("editor.geometry.ready?.mesh?.box"), "the grid")
    return name


def differing(one: bytes, other: bytes) -> float:
    """The share of the pixels of two screenshots that are clearly not the same."""
    first, second = (
        np.array(Image.open(io.BytesIO(each)).convert("RGB")).astype(int) for each in (one, other)
    )
    return float((abs(first - second).max(axis=2) > 60).mean())


def test_handles_are_dragged_and_nothing_is_done_until_it_is_applied(page: Page, server: PageServer) -> None:
    name = a_square(page, server)
    before = len(server.path(name))
    as_it_was = digest(page)
    drag(page, (100, 75), (40, 20))
    with_pointer(page, "touch", (300, 225), (350, 270))
    assert page.evaluate("editor.geometry.ready?.mesh?.isChanged")
    page.keyboard.press("Escape")
    assert not page.evaluate("editor.geometry.ready?.mesh?.isChanged")
    assert len(server.path(name)) == before
    assert digest(page) == as_it_was

    drag(page, (100, 75), (40, 20))
    page.get_by_role("region", name="Properties").get_by_role("button", name="Apply").click()
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "mesh"
    assert operations[-1]["body"]["points"][:2] == [-60 * 16, -55 * 16]
    assert len(operations) == before + 1
    assert colour(page, 50, 28)[3] == 255
    assert digest(page) == replayed(server, operations)
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == as_it_was, "one undo")


def test_a_mesh_is_used_by_keys_alone(page: Page, server: PageServer) -> None:
    name = a_square(page, server)
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#editor-said")).to_contain_text("Handle in row 2, column 2")
    page.keyboard.press("Tab")
    expect(page.locator("#editor-said")).to_contain_text("Handle in row 2, column 3")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "mesh"
    points = operations[-1]["body"]["points"]
    assert [k for k, value in enumerate(points) if value] == [12, 13]
    assert points[12:14] == [16, -16 * 30]
    assert digest(page) == replayed(server, operations)
    # Tab leaves the canvas behind the last handle.
    for _ in range(17):
        page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement === editor.parts.stage")


def test_a_mesh_by_numbers_with_a_finer_grid(page: Page, server: PageServer) -> None:
    name = a_square(page, server)
    page.get_by_label("Grid").select_option("5")
    page.get_by_label("Column").fill("6")
    page.get_by_label("Row", exact=True).fill("6")
    expect(page.locator("#mesh-x")).to_have_value("300")
    page.locator("#mesh-x").fill("320.5")
    page.locator("#mesh-x").press("Enter")
    body = saved(page, server, name)[-1]["body"]
    assert (body["columns"], body["rows"]) == (5, 5)
    assert body["points"][-2:] == [328, 0]


@pytest.mark.parametrize("selected", [False, True])
def test_what_a_mesh_shows_is_what_it_does(page: Page, server: PageServer, selected: bool) -> None:
    name = a_square(page, server)
    if selected:
        page.evaluate(
            "editor.do('select', { shape: 'rectangle', how: 'replace', x0: 100, y0: 75, x1: 300, y1: 150 })"
        )
        wait_for(
            lambda: (page.evaluate("editor.geometry.ready?.mesh?.box") or [0, 0, 0, 0])[3] == 150, "the grid"
        )
    page.locator("#mesh-x").fill("60")
    page.locator("#mesh-x").press("Tab")
    page.locator("#mesh-method").select_option("nearest")
    page.wait_for_timeout(2000)  # a hand at rest: what moves is shown in a hurry
    page.evaluate("editor.link.ask('drawn')")
    page.evaluate("editor.overlay.canvas.hidden = true")
    before = shot(page)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Enter")
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "mesh"
    page.evaluate("editor.link.ask('drawn')")
    apart = differing(before, shot(page))
    assert apart < 0.002, "of a preview that is composed at the level of the screen"
    assert digest(page) == replayed(server, operations)


def a_shape(page: Page, server: PageServer) -> str:
    """A document with a rectangle, and the mesh tool in hand."""
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("u")
    expect(page.locator(".shapes")).to_be_visible()
    drag(page, (100, 75), (300, 225))
    wait_for(lambda: len(server.path(name)) == 2, "the shape")
    page.keyboard.press("Alt+w")
    expect(page.get_by_role("heading", name="Mesh warp")).to_be_visible()
    wait_for(lambda: page.evaluate("editor.geometry.ready?.mesh?.isOffered"), "the offer")
    return name


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_shape_is_bent_as_pixels_after_one_press_and_one_undo_brings_it_back(
    page: Page, server: PageServer, by: str
) -> None:
    name = a_shape(page, server)
    sentence = "shapes and texts become pixels when it is applied, and one undo brings them back"
    expect(page.locator(".geometry-offer")).to_contain_text(sentence)
    expect(page.locator("#editor-said")).to_contain_text(sentence)
    as_it_was = digest(page)
    if by == "mouse":
        drag(page, (100, 75), (40, 20))
        expect(page.locator("toast-region")).to_contain_text(sentence)
        page.get_by_role("button", name="Bend as pixels").click()
    else:
        page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("editor.geometry.ready.mesh.box"), "the grid")
    expect(page.locator(".geometry-offer")).to_be_hidden()
    assert len(server.path(name)) == 2, "nothing is done until it is applied"
    if by == "mouse":
        drag(page, (100, 75), (40, 20))
    else:
        for _ in range(6):
            page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations[-2:]] == ["layer.rasterize", "mesh"]
    assert digest(page) == replayed(server, operations) != as_it_was
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == as_it_was, "one undo")
    assert page.evaluate("editor.state.layers.at(-1).shape.kind") == "rectangle"


def test_a_shape_that_is_bent_is_in_hand_after_a_reload(page: Page, server: PageServer) -> None:
    name = a_shape(page, server)
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("editor.geometry.ready.mesh.box"), "the grid")
    drag(page, (100, 75), (40, 20))
    moved = page.evaluate("editor.geometry.ready.mesh.moved")
    saved(page, server, name)
    page.reload()
    wait_for(lambda: page.evaluate("Boolean(editor.hand?.kept)"), "what was in hand")
    assert page.evaluate("editor.geometry.ready.mesh.moved") == moved
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "mesh", "the mesh")
    assert [each["kind"] for each in saved(page, server, name)[-2:]] == ["layer.rasterize", "mesh"]


def test_a_locked_layer_is_offered_nothing_of_another_one(page: Page, server: PageServer) -> None:
    a_shape(page, server)
    page.evaluate("editor.setLayer({ locked: true })")
    wait_for(lambda: page.evaluate("editor.state.layers.at(-1).locked"), "the lock")
    wait_for(lambda: not page.evaluate("editor.turns.busy"), "the end of the look at it")
    mesh = "(({ box, isOffered }) => [box, isOffered])(editor.geometry.ready.mesh)"
    assert page.evaluate(mesh) == [None, False]


def test_who_takes_the_offer_back_has_changed_nothing(page: Page, server: PageServer) -> None:
    name = a_shape(page, server)
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("editor.geometry.ready.mesh.box"), "the grid")
    page.keyboard.press("Escape")
    wait_for(lambda: page.evaluate("editor.geometry.ready.mesh.isOffered"), "the offer")
    assert len(server.path(name)) == 2


def test_a_pinch_beside_the_handles_and_a_filter_leave_what_is_bent(page: Page, server: PageServer) -> None:
    name = a_square(page, server)
    drag(page, (100, 75), (40, 20))
    moved = page.evaluate("JSON.stringify(editor.geometry.ready.mesh.moved)")
    session = page.context.new_cdp_session(page)
    first, second, apart = (
        dict(zip("xy", place(page, *point), strict=True)) for point in ((330, 150), (360, 150), (390, 180))
    )
    for kind, fingers in (
        ("touchStart", [first]),
        ("touchStart", [first, second]),
        ("touchMove", [first, apart]),
        ("touchEnd", []),
    ):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    assert page.evaluate("JSON.stringify(editor.geometry.ready.mesh.moved)") == moved
    # A filter comes after what is in hand.
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Control+Shift+F")
    page.get_by_role("dialog").get_by_role("button", name="Gaussian blur").click()
    page.get_by_role("button", name="Apply", exact=True).first.click()
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "filter", "the filter")
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations[-2:]] == ["mesh", "filter"]
    assert digest(page) == replayed(server, operations)
