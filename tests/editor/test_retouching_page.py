"""The retouching tools in Chromium: what is shown while the pen is down is what the server makes of the operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import colour, digest, drag, open_document, place, replayed, saved, wait_for
from tests.editor.page_server import PageServer
from tests.editor.pngs import png_of
from tests.editor.test_retouching import photo
from tests.examples import few_of

KEYS = {
    "clone": "s",
    "healing": "j",
    "spot": "Shift+J",
    "dodge": "o",
    "burn": "Shift+O",
    "smudge": "r",
    "redeye": "y",
    "liquify": "Shift+Y",
}


def opened(page: Page, server: PageServer) -> tuple[str, dict[str, Any]]:
    """A photograph that is open; its pictures by name."""
    pixels = photo()
    name = server.documents.new(png=png_of(pixels))
    open_document(page, server, name)
    return name, {server.path(name)[0]["body"]["asset"]: pixels}


def alt_click(page: Page, x: float, y: float) -> None:
    page.keyboard.down("Alt")
    page.mouse.click(*place(page, x, y))
    page.keyboard.up("Alt")


@pytest.mark.parametrize("tool", few_of(KEYS, {"clone", "healing", "smudge", "liquify"}))
def test_what_the_mouse_draws_is_what_the_server_makes(page: Page, server: PageServer, tool: str) -> None:
    name, pictures = opened(page, server)
    page.keyboard.press("m")
    drag(page, (60, 40), (260, 280))
    page.keyboard.press(KEYS[tool])
    if tool in ("clone", "healing"):
        alt_click(page, 230, 90)
        expect(page.locator("#editor-said")).to_have_text("Source: 230, 90")
    drag(page, (100, 100), (180, 130), (40, 220), steps=12)
    drag(page, (120, 240), (200, 250))
    page.keyboard.press("Control+d")
    operations = saved(page, server, name)
    kinds = {operation["kind"] for operation in operations[2:-1]}
    assert len(kinds) == 1
    assert len(operations) == 5
    assert kinds.pop().startswith("retouch.")
    assert digest(page) == replayed(server, operations, pictures)
    before = digest(page)
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == replayed(server, operations[:2], pictures), "undo")
    for _ in range(3):
        page.keyboard.press("Control+Shift+Z")
    wait_for(lambda: digest(page) == before, "redo")


def test_what_is_bent_is_shown_step_by_step_as_it_will_be(page: Page, server: PageServer) -> None:
    name, pictures = opened(page, server)
    page.keyboard.press("Shift+Y")
    page.locator("#option-effect").select_option("twirl")
    page.mouse.move(*place(page, 100, 100))
    page.mouse.down()
    for x in range(110, 290, 30):
        page.mouse.move(*place(page, x, 160), steps=3)
        page.evaluate("editor.link.ask('drawn')")
    shown = digest(page)
    page.mouse.up()
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations[1:]] == ["retouch.liquify"]
    assert shown == digest(page) == replayed(server, operations, pictures)


def test_restoring_is_one_step_that_brings_back_what_liquify_moved(page: Page, server: PageServer) -> None:
    name, pictures = opened(page, server)
    before = digest(page)
    page.keyboard.press("Shift+Y")
    effect = page.locator("#option-effect")
    effect.select_option("restore")
    drag(page, (100, 100), (150, 100))
    expect(page.locator(".toast")).to_contain_text("Nothing to restore")
    effect.select_option("push")
    drag(page, (100, 100), (140, 110))
    drag(page, (200, 200), (230, 180))
    wait_for(lambda: len(saved(page, server, name)) == 3, "two strokes")
    bent = digest(page)
    effect.select_option("restore")
    page.mouse.move(*place(page, 80, 80))
    page.mouse.down()
    for x in range(80, 260, 12):
        page.mouse.move(*place(page, x, x), steps=2)
        page.evaluate("editor.link.ask('drawn')")
    wait_for(lambda: digest(page) != bent, "it is shown while the pen moves")
    page.evaluate("editor.link.ask('drawn')")
    shown = digest(page)
    page.mouse.up()
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "retouch.bend", "one step")
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations[1:]] == ["retouch.bend"]
    assert [each["how"] for each in operations[1]["body"]["strokes"]] == ["push", "push", "restore"]
    assert shown == digest(page) == replayed(server, operations, pictures)
    assert digest(page) != before
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(page) == bent, "one undo leads back to what was bent")
    page.keyboard.press("Control+Shift+Z")
    # Again, over what was restored already.
    wait_for(lambda: digest(page) == shown, "redo")
    drag(page, (90, 90), (130, 120))
    wait_for(lambda: len(page.evaluate("editor.state.history.items")) == 2, "still one step")
    operations = saved(page, server, name)
    assert [each["how"] for each in operations[-1]["body"]["strokes"]] == [
        "push",
        "push",
        "restore",
        "restore",
    ]
    assert digest(page) == replayed(server, operations, pictures)


def test_a_clone_needs_a_source_and_keeps_its_distance_when_aligned(page: Page, server: PageServer) -> None:
    name, _pictures = opened(page, server)
    page.keyboard.press("s")
    drag(page, (100, 100), (120, 100))
    expect(page.locator(".toast")).to_contain_text("Set the source first")
    page.get_by_role("button", name="Set the source").click()
    page.mouse.click(*place(page, 200.5, 150.5))
    expect(page.locator("#editor-said")).to_have_text("Source: 200, 150")
    drag(page, (100.5, 100.5), (120, 100))
    drag(page, (60.5, 200.5), (70, 200))
    page.get_by_label("Aligned").uncheck()
    drag(page, (60.5, 100.5), (70, 100))
    bodies = [each["body"] for each in saved(page, server, name)[1:]]
    assert [(body["dx"], body["dy"]) for body in bodies] == [(100, 50), (100, 50), (140, 50)]


def test_what_is_seen_is_cloned_onto_a_layer_of_its_own_by_numbers(page: Page, server: PageServer) -> None:
    name, pictures = opened(page, server)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.keyboard.press("s")
    page.get_by_label("Sample this layer and below").check()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Clone stamp")
    for label, value in (
        ("Source X", 250),
        ("Source Y", 60),
        ("X", 80),
        ("Y", 80),
        ("To X", 120),
        ("To Y", 90),
    ):
        dialog.get_by_label(label, exact=True).fill(str(value))
    dialog.get_by_role("button", name="Apply").click()
    wait_for(lambda: len(server.path(name)) == 3)
    operations = saved(page, server, name)
    assert operations[-1]["body"]["all"] is True
    assert colour(page, 100, 85) == list(photo()[65, 270])
    assert digest(page) == replayed(server, operations, pictures)


def test_a_mask_is_not_retouched_and_says_so(page: Page, server: PageServer) -> None:
    name, _pictures = opened(page, server)
    page.keyboard.press("Alt+m")
    wait_for(lambda: page.evaluate("editor.target") == "mask", "the mask")
    page.keyboard.press("o")
    drag(page, (100, 100), (120, 100))
    expect(page.locator(".toast")).to_contain_text("A mask takes the brush and the eraser only.")
    assert [each["kind"] for each in saved(page, server, name)] == ["open", "layer.mask"]


def test_a_pen_that_is_taken_back_leaves_the_picture_as_it_was(page: Page, server: PageServer) -> None:
    _name, _pictures = opened(page, server)
    before = digest(page)
    for tool in ("r", "Shift+J"):
        page.keyboard.press(tool)
        page.mouse.move(*place(page, 100, 100))
        page.mouse.down()
        page.mouse.move(*place(page, 180, 140), steps=5)
        page.keyboard.press("Escape")
        page.mouse.up()
        assert digest(page) == before
    assert not page.evaluate("editor.state.canUndo")


@pytest.mark.long
def test_a_red_eye_is_dragged_over(page: Page, server: PageServer) -> None:
    eye = np.full((200, 200, 4), (215, 165, 145, 255), np.uint8)
    eye[90:110, 80:120] = (190, 40, 50, 255)
    name = server.documents.new(png=png_of(eye))
    open_document(page, server, name)
    page.keyboard.press("y")
    drag(page, (60, 70), (140, 130))
    body = saved(page, server, name)[-1]["body"]
    assert (body["rx"], body["ry"]) == (640, 480)
    assert max(colour(page, 100, 100)[:3]) < 45


def test_a_red_eye_is_taken_by_numbers(page: Page, server: PageServer) -> None:
    eye = np.full((200, 200, 4), (215, 165, 145, 255), np.uint8)
    eye[90:110, 80:120] = (190, 40, 50, 255)
    name = server.documents.new(png=png_of(eye))
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("y")
    page.keyboard.press("n")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Width")).to_have_value("60")
    for label, value in (
        ("X", 100),
        ("Y", 100),
        ("Width", 80),
        ("Height", 60),
        ("Tolerance", 140),
        ("Darken", 55),
    ):
        form.get_by_label(label, exact=True).fill(str(value))
    page.keyboard.press("Enter")
    wait_for(lambda: len(server.path(name)) == 2, "the eye")
    body = saved(page, server, name)[-1]["body"]
    assert [body[key] for key in ("x", "y", "rx", "ry", "tolerance")] == [1600, 1600, 640, 480, 140]
    assert max(colour(page, 100, 100)[:3]) < 60
    assert page.evaluate("editor.options.get('redeye', 'darkness')") == 55


def test_a_stroke_of_liquify_that_is_too_much_at_once_goes_on_as_a_new_one_and_another_tool_loses_none(
    page: Page, server: PageServer
) -> None:
    name, pictures = opened(page, server)
    page.keyboard.press("Shift+Y")
    page.evaluate("editor.options.set('liquify', 'size', 2000); editor.view.scale")
    view = page.evaluate("JSON.stringify(editor.view.values)")
    page.mouse.move(*place(page, 20, 20))
    page.mouse.down()
    for turn in range(60):
        page.mouse.move(*place(page, 280 if turn % 2 == 0 else 20, 20 + 3 * turn), steps=2)
    page.keyboard.press("b")
    page.mouse.up()
    wait_for(lambda: len(saved(page, server, name)) >= 2, "the stroke")
    operations = saved(page, server, name)
    strokes = [each for each in operations if each["kind"] == "retouch.liquify"]
    assert strokes
    assert digest(page) == replayed(server, operations, pictures)
    assert page.evaluate("JSON.stringify(editor.view.values)") == view
