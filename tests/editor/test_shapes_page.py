"""Shapes and the pen on the page: by mouse, by numbers alone, changed afterwards, and the same bytes on the server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import colour, digest, drag, open_document, place, replayed, saved
from tests.editor.page_server import PageServer
from tests.examples import few_of

KINDS = ["rectangle", "ellipse", "polygon", "star", "line", "arrow"]
PIXEL = 64


def choose(page: Page, key: str) -> None:
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press(key)
    expect(page.locator(".shapes")).to_be_visible()


def shape_of(operations: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = operations[-1]["body"]["shape"]
    return found


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", few_of(KINDS, {"star", "arrow"}))
def test_a_shape_is_drawn_by_the_mouse(page: Page, server: PageServer, kind: str) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "u")
    page.get_by_label("Kind").select_option(kind)
    drag(page, (100, 50), (300, 250))
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.add"
    shape = shape_of(operations)
    assert shape["kind"] == kind
    if "x0" in shape:
        assert [shape[side] // PIXEL for side in ("x0", "y0", "x1", "y1")] == [100, 50, 300, 250]
        assert colour(page, 200, 150)[3] == 255
    else:
        assert (shape["x"] // PIXEL, shape["y"] // PIXEL, shape["radius"] // PIXEL) == (200, 150, 100)
    assert digest(page) == replayed(server, operations)

    # A corner is dragged: the same layer has other numbers.
    ends = (200, 50) if "radius" in shape and "x" in shape else (300, 250)
    drag(page, ends, (320, 270))
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.shape"
    assert shape_of(operations) != shape
    assert digest(page) == replayed(server, operations)


@pytest.mark.parametrize("kind", few_of(KINDS, {"rectangle"}))
def test_a_shape_is_made_and_changed_by_keys_alone(page: Page, server: PageServer, kind: str) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "u")
    page.get_by_label("Kind").focus()
    page.keyboard.type(kind[:3])
    expect(page.get_by_label("Kind")).to_have_value(kind)
    page.get_by_role("button", name="Add shape").press("Enter")
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.add"
    field = "#shape-x0" if kind not in ("polygon", "star") else "#shape-x"
    page.locator(field).fill("12.5")
    page.keyboard.press("Tab")
    operations = saved(page, server, name)
    assert operations[-1]["kind"] == "layer.shape"
    assert shape_of(operations)[field.removeprefix("#shape-")] == 12.5 * PIXEL
    assert digest(page) == replayed(server, operations)


def test_the_pen_draws_corners_and_smooth_points(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "p")
    page.get_by_label("Stroke", exact=True).check()
    for point in ((60, 200), (30, 30)):
        page.mouse.click(*place(page, *point))
    page.keyboard.press("Backspace")
    drag(page, (160, 80), (200, 80))
    page.mouse.click(*place(page, 300, 220))
    page.keyboard.press("Enter")
    operations = saved(page, server, name)
    shape = shape_of(operations)
    nodes = [[value // PIXEL for value in node] for node in shape["nodes"]]
    assert nodes == [[60, 200], [160, 80, 120, 80, 200, 80], [300, 220]]
    assert not shape["closed"]
    assert digest(page) == replayed(server, operations)
    # Escape gives up what is in hand, and adds nothing.
    page.mouse.click(*place(page, 20, 20))
    page.mouse.click(*place(page, 90, 20))
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert saved(page, server, name) == operations


@pytest.mark.long
def test_a_path_is_written_as_numbers_and_becomes_pixels(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    choose(page, "p")
    page.get_by_label("Points, one per line").fill("10, 10\n200, 20\n100, 200")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add shape").press("Enter")
    operations = saved(page, server, name)
    assert len(shape_of(operations)["nodes"]) == 3
    before = digest(page)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("b")
    drag(page, (50, 50), (90, 90))
    expect(page.get_by_text("This is a shape. Turn it into pixels").first).to_be_attached()
    assert saved(page, server, name) == operations
    choose(page, "p")
    page.get_by_role("button", name="Turn into pixels").click()
    assert saved(page, server, name)[-1]["kind"] == "layer.rasterize"
    assert digest(page) == before


@pytest.mark.long
def test_a_document_that_is_enlarged_draws_its_shapes_anew(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=200, height=150)
    open_document(page, server, name)
    choose(page, "u")
    drag(page, (50, 50), (150, 100))
    page.evaluate("editor.do('resize', { width: 800, height: 600, method: 'bilinear' })")
    operations = saved(page, server, name)
    assert [colour(page, x, 300)[3] for x in (199, 200, 599, 600)] == [255, 255, 255, 255]
    assert colour(page, 199, 300) != colour(
        page, 200, 300
    )  # one step from paper to shape: nothing was blurred
    assert colour(page, 198, 300) == colour(page, 199, 300)
    assert digest(page) == replayed(server, operations)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Control+z")
    assert saved(page, server, name) == operations[:-1]
