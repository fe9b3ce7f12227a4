"""Crop, straighten, transform and sizes on the page: by keys, pointer and numbers, each one operation, and undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, drag, open_document, replayed, saved, wait_for, with_pointer
from tests.editor.page_server import PageServer

RAMP = """editor.do('gradient', { layer: 'base', shape: 'linear', x0: 0, y0: 0, x1: 6400, y1: 4000,
  stops: [[0, 0xff203060], [500, 0xff40c0e0], [1023, 0xfff0f8ff]], opacity: 255, mode: 'normal' })"""


def size(page: Page) -> list[int]:
    found: list[int] = page.evaluate("[editor.state.width, editor.state.height]")
    return found


NOTHING_IS_DRAWN_OVER_IT = """() => {
  const { canvas, context } = editor.overlay;
  return context.getImageData(0, 0, canvas.width, canvas.height).data.every((value) => value === 0);
}"""


@pytest.mark.long
def test_a_walk_over_crop_transform_and_sizes(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.evaluate(RAMP)
    stage = page.get_by_role("application", name="Canvas")

    # Crop: a ratio from the list, a handle by the mouse, keys, Escape, Enter.
    stage.focus()
    page.keyboard.press("c")
    page.get_by_label("Ratio").select_option("1:1")
    expect(page.locator("#crop-width")).to_have_value("300")
    page.get_by_label("Ratio").select_option("free")
    drag(page, (350, 300), (250, 240))
    expect(page.locator("#crop-height")).to_have_value("240")
    stage.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#crop-x")).to_have_value("40")
    page.keyboard.press("Escape")
    expect(page.locator("#crop-width")).to_have_value("400")
    page.locator("#crop-width").fill("360")
    page.keyboard.press("Enter")
    wait_for(lambda: size(page) == [360, 300], "the crop")

    # Straighten: the frame stays inside of the picture.
    page.locator("#crop-angle").fill("10")
    page.keyboard.press("Tab")
    page.get_by_role("region", name="Properties").get_by_role("button", name="Crop", exact=True).click()
    wait_for(lambda: size(page)[0] < 330, "what is straightened is smaller")
    page.get_by_role("button", name="Rotate right").click()
    wait_for(lambda: size(page)[0] < size(page)[1], "it is turned")

    # Its frame goes with the tool.
    stage.focus()
    page.keyboard.press("v")
    wait_for(lambda: page.evaluate(NOTHING_IS_DRAWN_OVER_IT), "no frame is left")

    # Transform what is selected: by number, by handle with a finger, then as one operation.
    page.evaluate(
        "editor.do('select', { shape: 'rectangle', how: 'replace', x0: 40, y0: 40, x1: 140, y1: 140 })"
    )
    stage.focus()
    page.keyboard.press("Alt+t")
    expect(page.locator("#transform-width")).to_have_value("100")
    with_pointer(page, "touch", (140, 90), (160, 90))
    expect(page.locator("#transform-width")).to_have_value("120")
    page.locator("#transform-angle").fill("30")
    page.keyboard.press("Tab")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    operations = saved(page, server, name)
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "transform", "it is applied")
    operations = saved(page, server, name)
    kinds = [operation["kind"] for operation in operations]
    assert kinds == ["open", "gradient", "crop", "straighten", "orient", "select", "transform"]
    assert digest(page) == replayed(server, operations)

    # The canvas grows; the image is enlarged with the strokes after that drawn again, and one undo leads back.
    was = size(page)
    page.keyboard.press("Control+Alt+c")
    dialog = page.get_by_role("dialog", name="Canvas size")
    dialog.get_by_label("Width").fill(str(was[0] + 40))
    dialog.get_by_label("Top left").check()
    dialog.get_by_role("button", name="Apply").click()
    wait_for(lambda: size(page) == [was[0] + 40, was[1]], "the canvas")
    page.keyboard.press("b")
    drag(page, (60, 60), (150, 100))
    before = saved(page, server, name)
    assert before[-1]["kind"] == "stroke"
    page.keyboard.press("Control+Alt+i")
    dialog = page.get_by_role("dialog", name="Image size")
    dialog.get_by_label("Width").fill(str(2 * (was[0] + 40)))
    expect(dialog.get_by_label("Height")).to_have_value(str(2 * was[1]))
    dialog.get_by_role("button", name="Apply").click()
    wait_for(lambda: size(page) == [2 * (was[0] + 40), 2 * was[1]], "the size")
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations[-3:]] == ["canvas", "resize", "stroke"]
    assert operations[-1]["body"]["radius"] == 2 * before[-1]["body"]["radius"]
    assert digest(page) == replayed(server, operations)
    page.keyboard.press("Control+z")
    wait_for(lambda: size(page) == [was[0] + 40, was[1]], "one undo")
    assert [each["id"] for each in saved(page, server, name)] == [each["id"] for each in before]
