"""Adjustments and filters on the page: set by keys, pointer and numbers, previewed, applied, given up, undone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.editor.driving import (
    WAIT_SECONDS,
    colour,
    digest,
    open_document,
    replayed,
    saved,
    shot,
    wait_for,
)
from tests.editor.page_server import PageServer
from tests.editor.pngs import photograph, png_of

RAMP = """editor.do('gradient', { layer: 'base', shape: 'linear', x0: 0, y0: 0, x1: 6400, y1: 4000,
  stops: [[0, 0xff203060], [500, 0xff40c0e0], [1023, 0xfff0f8ff]], opacity: 255, mode: 'normal' })"""


TRY = """(adjust) => {
  editor.link.tell('try', { layer: editor.layer, values: { adjust } });
  return editor.link.ask('drawn');
}"""
# The edge of a selection moves, which pictures of the screen are not compared for.
WITHOUT_EDGE = "document.querySelector('[data-part=overlay]').style.visibility = 'hidden'"


def pixels_of(png: bytes) -> NDArray[np.int16]:
    with Image.open(io.BytesIO(png)) as image:
        return np.array(image.convert("RGB"), np.int16)


def kinds(operations: list[dict[str, object]]) -> list[object]:
    return [operation["kind"] for operation in operations]


def test_an_adjustment_is_added_set_and_undone(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.evaluate(RAMP)
    page.evaluate(WITHOUT_EDGE)
    page.evaluate("editor.do('select', { shape: 'rectangle', x0: 0, y0: 0, x1: 200, y1: 300 })")
    before = [colour(page, 100, 150), colour(page, 300, 150)]
    page.keyboard.press("Shift+A")
    dialog = page.get_by_role("dialog", name="Add adjustment")
    dialog.get_by_role("button", name="Brightness and contrast").click()
    values = page.get_by_role("group", name="Adjustment")
    expect(values.get_by_role("heading")).to_have_text("Brightness and contrast")
    bright = values.get_by_role("slider", name="Brightness")
    expect(bright).to_be_focused()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    values.get_by_role("spinbutton", name="Contrast").fill("-20")
    page.keyboard.press("Tab")
    operations = saved(page, server, name)
    assert kinds(operations)[3:] == ["layer.add", "layer.adjust", "layer.adjust"], (
        "keys in a row are one step"
    )
    assert operations[-1]["body"]["adjust"] == {"kind": "brightness", "brightness": 5, "contrast": -20}
    assert digest(page) == replayed(server, operations)
    assert colour(page, 100, 150) != before[0]
    assert colour(page, 300, 150) == before[1], "what wasn't selected is what it was"

    # What a slider shows on the way is what the operation gives.
    page.keyboard.press("Control+1")
    trying = {"kind": "brightness", "brightness": 60, "contrast": -20}
    page.evaluate(TRY, trying)
    on_the_way = shot(page)
    assert digest(page) == replayed(server, operations), "which is no operation yet"
    page.evaluate("(adjust) => editor.do('layer.adjust', { layer: editor.layer, adjust })", trying)
    page.evaluate("editor.link.ask('drawn')")
    assert shot(page) == on_the_way
    expect(bright).to_have_value("60")

    bright.dblclick()
    operations = saved(page, server, name)
    assert operations[-1]["body"]["adjust"]["brightness"] == 0, "a double-click brings back what is neutral"
    while page.evaluate("editor.state.layers.length") > 1:
        page.evaluate("editor.walk('undo')")
    expect(values).to_be_hidden()


@pytest.mark.long
def test_levels_and_curves_are_set_with_their_histogram_and_looks_are_groups(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.evaluate(RAMP)
    page.evaluate(WITHOUT_EDGE)
    page.keyboard.press("Control+l")
    values = page.get_by_role("group", name="Adjustment")
    histogram = values.get_by_role("img", name="Histogram")
    wait_for(
        lambda: histogram.evaluate(
            "(canvas) => canvas.getContext('2d').getImageData(0, 0, 256, 80).data.some(Boolean)"
        ),
        "the histogram",
    )
    values.get_by_role("button", name="Auto").click()
    operations = saved(page, server, name)
    assert operations[-1]["body"]["adjust"]["red"][0] > 30, "black is where the reds begin"

    page.keyboard.press("Control+m")
    curve = values.get_by_role("application", name="Curve")
    expect(curve).to_be_visible()
    box = curve.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - box["height"] / 4, steps=6)
    page.mouse.up()
    curve.focus()
    page.keyboard.press("Shift+ArrowRight")
    values.get_by_role("spinbutton", name="Output").fill("200")
    page.keyboard.press("Tab")
    operations = saved(page, server, name)
    points = operations[-1]["body"]["adjust"]["all"]
    assert (len(points), points[1][1]) == (3, 200)
    assert abs(points[1][0] - 138) <= 2
    assert kinds(operations)[-4:] == ["layer.add", *["layer.adjust"] * 3]

    page.keyboard.press("Shift+A")
    dialog = page.get_by_role("dialog", name="Add adjustment")
    look = dialog.get_by_role("button", name="Noir")
    wait_for(
        lambda: look.locator("canvas").evaluate(
            "(canvas) => canvas.getContext('2d').getImageData(0, 0, 96, 72).data.some(Boolean)"
        ),
        "the small picture",
    )
    look.click()
    wait_for(lambda: "Noir" in [layer["name"] for layer in page.evaluate("editor.state.layers")], "the look")
    operations = saved(page, server, name)
    assert kinds(operations)[-5:] == ["layer.add", "layer.set", *["layer.add"] * 3]
    assert digest(page) == replayed(server, operations)

    # Inside of a group, too, a slider shows what comes of it.
    page.evaluate("editor.choose(editor.state.layers.at(-1).children[1].id)")
    trying = {"kind": "brightness", "brightness": 40}
    page.evaluate(TRY, trying)
    on_the_way = shot(page)
    page.evaluate("(adjust) => editor.do('layer.adjust', { layer: editor.layer, adjust })", trying)
    page.evaluate("editor.link.ask('drawn')")
    assert shot(page) == on_the_way
    page.evaluate("editor.walk('undo')")
    page.keyboard.press("Control+z")
    wait_for(lambda: len(page.evaluate("editor.state.layers")) == 3, "a look is one step")


def test_commands_keep_their_keys_while_a_list_of_choices_has_the_focus(
    page: Page, server: PageServer
) -> None:
    open_document(page, server, server.documents.new(width=400, height=300))
    page.keyboard.press("Control+m")
    channel = page.get_by_role("group", name="Adjustment").get_by_role("combobox", name="Channel")
    expect(channel).to_be_focused(timeout=WAIT_SECONDS * 1000)
    page.keyboard.press("r")
    expect(channel).to_have_value("red")  # letters are still the list's
    page.keyboard.press("Control+z")
    expect(page.locator("layer-list .layer")).to_have_count(1)


@pytest.mark.long
def test_a_filter_is_previewed_given_up_and_applied(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.evaluate(RAMP)
    page.evaluate(WITHOUT_EDGE)
    page.evaluate("editor.do('select', { shape: 'rectangle', x0: 50, y0: 50, x1: 350, y1: 250 })")
    page.keyboard.press("Control+1")
    page.evaluate("editor.link.ask('drawn')")
    before, was = shot(page), digest(page)
    values = page.get_by_role("group", name="Adjustment")

    for end in ("Escape", "Enter"):
        page.keyboard.press("Control+Shift+F")
        page.get_by_role("dialog", name="Filter").get_by_role("button", name="Pixelate").click()
        size = values.get_by_role("spinbutton", name="Cell size")
        size.fill("30")
        page.keyboard.press("Tab")
        page.evaluate("editor.link.ask('drawn')")
        wait_for(lambda: shot(page) != before, "the preview")
        assert digest(page) == was
        on_the_way = shot(page)
        size.focus()
        page.keyboard.press(end)
        expect(values).to_be_hidden()
        page.evaluate("editor.link.ask('drawn')")
        if end == "Escape":
            wait_for(lambda: shot(page) == before, "it is given up")
    operations = saved(page, server, name)
    assert kinds(operations)[-2:] == ["select", "filter"]
    assert operations[-1]["body"]["filter"] == {"kind": "pixelate", "size": 30}
    assert digest(page) == replayed(server, operations)
    wait_for(lambda: shot(page) == on_the_way, "what was previewed is what is there")


@pytest.mark.long
@pytest.mark.parametrize("radius", [2, 8])
def test_a_blur_that_still_moves_is_shown_coarser_and_as_it_will_be_once_it_rests(
    page: Page, server: PageServer, radius: int
) -> None:
    name = server.documents.new(png=png_of(photograph(400, 300)))
    open_document(page, server, name)
    page.keyboard.press("Control+1")
    page.evaluate("editor.link.ask('drawn')")
    made = {"kind": "sharpen", "amount": 150, "radius": radius, "threshold": 0}
    page.evaluate(
        "(filter) => editor.link.tell('try', { layer: editor.layer, values: { filter } })",
        made | {"radius": radius + 1},
    )
    page.evaluate(
        "(filter) => { editor.link.tell('try', { layer: editor.layer, values: { filter } }); "
        "return editor.link.ask('drawn'); }",
        made,
    )
    hurried = shot(page)
    page.evaluate("(filter) => editor.do('filter', { layer: editor.layer, filter })", made)
    page.evaluate("editor.link.ask('drawn')")
    applied = shot(page)
    far = np.abs(pixels_of(hurried) - pixels_of(applied))
    assert far.mean() < 1
    assert far.max() <= 24

    page.keyboard.press("Control+z")
    page.evaluate("(filter) => editor.link.tell('try', { layer: editor.layer, values: { filter } })", made)
    wait_for(lambda: shot(page) == applied, "it rests")
