"""What is in hand goes along when the document is turned, cropped or enlarged below it, by whoever does that."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.editor.driving import digest, drag, elsewhere, open_document, replayed, saved, wait_for
from tests.editor.page_server import PageServer
from tests.editor.text.test_text_page import begin, end, opened_with_a_text


def kinds(operations: list[dict[str, object]]) -> list[object]:
    return [each["kind"] for each in operations]


def test_a_new_text_becomes_a_layer_before_the_document_is_turned_and_turns_with_it(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    begin(page, "Boats")
    page.evaluate("editor.run('orient.90')")
    expect(page.locator(".editor-words")).to_have_count(0)
    wait_for(lambda: page.evaluate("editor.state.width") == 400, "the turn")
    operations = saved(page, server, name)
    assert kinds(operations) == ["open", "layer.add", "orient"]
    assert digest(page) == replayed(server, operations)
    assert page.evaluate("editor.state.layers.at(-1).place")[:2] == [0, 1]


def test_a_text_that_is_written_again_keeps_its_changes_when_the_canvas_grows(
    page: Page, server: PageServer
) -> None:
    name = opened_with_a_text(page, server)
    page.get_by_role("button", name="Edit text").click()
    page.locator(".editor-words").fill("Ships")
    page.evaluate("editor.do('canvas', { width: 800, height: 500, dx: 50, dy: 60, keep: true })")
    expect(page.locator(".editor-words")).to_have_count(0)
    wait_for(lambda: page.evaluate("editor.state.width") == 800, "the canvas")
    operations = saved(page, server, name)
    assert kinds(operations) == ["open", "layer.add", "layer.text", "canvas"]
    assert digest(page) == replayed(server, operations)


def test_a_new_text_moves_along_when_a_crop_is_undone_or_done_elsewhere(
    page: Page, server: PageServer
) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    page.evaluate("editor.do('crop', { x0: 20, y0: 30, x1: 700, y1: 400 })")
    begin(page, "Boats")
    page.evaluate("editor.run('undo')")
    wait_for(lambda: page.evaluate("editor.state.width") == 700, "the undo")
    saved(page, server, name)
    elsewhere(server, name, "orient", how="flip_y")
    page.evaluate("editor.do('layer.set', { layer: 'base', opacity: 200 })")
    wait_for(lambda: "orient" in kinds(server.path(name)), "theirs")
    wait_for(lambda: page.evaluate("editor.state.history.items.some(({ kind }) => kind === 'orient')"), "it")
    page.evaluate("editor.link.ask('drawn')")
    end(page)
    operations = saved(page, server, name)
    text = operations[-1]["body"]["text"]
    # Begun at 60, 150 of what was cropped by 20, 30; then mirrored from top to bottom.
    assert (text["x"], text["y"]) == ((60 + 20) * 16, (400 - 150 - 30) * 16)
    assert digest(page) == replayed(server, operations)


def test_a_transform_in_hand_is_applied_before_the_document_is_mirrored(
    page: Page, server: PageServer
) -> None:
    name = opened_with_a_text(page, server)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("Alt+t")
    wait_for(lambda: page.evaluate("editor.geometry.ready?.transform?.box"), "the frame")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("editor.geometry.ready.transform.isChanged")
    page.evaluate("editor.run('orient.flip_x')")
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "orient", "the mirror image")
    operations = saved(page, server, name)
    assert kinds(operations) == ["open", "layer.add", "transform", "orient"]
    assert digest(page) == replayed(server, operations)


def test_a_path_of_the_pen_is_ended_before_the_document_is_turned(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    page.get_by_role("application", name="Canvas").focus()
    page.keyboard.press("p")
    expect(page.locator(".shapes")).to_be_visible()
    drag(page, (100, 100), (100, 100))
    drag(page, (300, 200), (300, 200))
    page.evaluate("editor.run('orient.180')")
    wait_for(lambda: page.evaluate("editor.state.history.items.at(-1).kind") == "orient", "the turn")
    operations = saved(page, server, name)
    assert kinds(operations) == ["open", "layer.add", "orient"]
    assert digest(page) == replayed(server, operations)
