"""A tool is in hand when something else happens: another tool, an undo, another device, a script that comes late."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page, Route, expect

from tests.editor.driving import digest, drag, elsewhere, open_document, place, replayed, saved, wait_for
from tests.editor.page_server import PageServer
from tests.services.browser import Pages

FILL = {"rgba": 0xFF2266AA, "opacity": 255, "mode": "normal"}


def kinds(page: Page, server: PageServer, name: str) -> list[str]:
    return [each["kind"] for each in saved(page, server, name)]


def opened(page: Page, server: PageServer) -> str:
    name = server.documents.new(width=500, height=400)
    open_document(page, server, name)
    page.locator("[data-part=stage]").focus()
    return name


def hold(page: Page, script: str) -> list[Route]:
    """Let a script wait until its route goes on."""
    held: list[Route] = []

    def wait(route: Route) -> None:  # Playwright takes no built-in method
        held.append(route)

    page.route(f"**/{script}", wait)
    return held


def half_a_drag(page: Page, *points: tuple[float, float]) -> None:
    places = [place(page, *point) for point in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=4)


@pytest.mark.long
def test_drags_before_a_tool_is_loaded_are_done_once_it_is(new_page: Pages, server: PageServer) -> None:
    page = new_page(service_workers="block")  # or it may have the scripts already
    name = opened(page, server)
    held = hold(page, "page/shapes/room.js")
    page.keyboard.press("u")
    drag(page, (100, 100), (200, 180))
    page.keyboard.press("b")
    wait_for(lambda: page.evaluate("1") and held, "the script is asked for")
    held[0].continue_()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    assert saved(page, server, name)[-1]["body"]["shape"]["x1"] == 200 * 64
    assert page.evaluate("editor.tool.name") == "brush"

    held = hold(page, "page/geometry/room.js")
    page.keyboard.press("Alt+t")
    half_a_drag(page, (150, 140), (170, 150))
    wait_for(lambda: page.evaluate("1") and held, "the script is asked for")
    held[0].continue_()
    expect(page.locator(".geometry")).to_be_visible()
    page.mouse.move(*place(page, 190, 160))
    page.mouse.up()
    wait_for(lambda: page.evaluate("editor.geometry.ready.transform.isChanged"), "the frame was moved")
    page.keyboard.press("Enter")
    wait_for(lambda: kinds(page, server, name)[-1] == "transform", "the transform")
    body = saved(page, server, name)[-1]["body"]
    assert 139 <= body["x0"] <= 140
    assert 119 <= body["y0"] <= 120


def test_a_key_for_another_tool_ends_the_gesture_as_a_lifted_pen_does(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    half_a_drag(page, (50, 50), (300, 50))
    page.keyboard.press("m")
    page.mouse.up()
    assert kinds(page, server, name) == ["open", "stroke"]
    half_a_drag(page, (20, 20), (120, 90))
    page.keyboard.press("v")
    wait_for(lambda: page.evaluate("editor.state.selected"), "the selection")
    page.keyboard.press("Alt+t")
    expect(page.locator(".geometry")).to_be_visible()
    wait_for(lambda: page.evaluate("Boolean(editor.geometry.ready.transform.corners)"), "the frame")
    half_a_drag(page, (70, 55), (90, 75))
    page.keyboard.press("b")
    page.mouse.move(*place(page, 200, 200))
    page.mouse.up()
    wait_for(lambda: kinds(page, server, name)[-1] == "transform", "the transform")
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "stroke", "select", "transform"]
    assert digest(page) == replayed(server, operations)


def test_undo_takes_back_what_is_in_hand_before_what_is_done(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    drag(page, (50, 50), (300, 250))
    page.keyboard.press("p")
    for x, y in ((100, 100), (200, 100), (200, 300), (50, 300)):
        page.mouse.click(*place(page, x, y))
    page.evaluate("editor.shapes.loading")
    page.keyboard.press("Control+z")
    page.keyboard.press("Enter")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "stroke", "layer.add"]
    assert len(operations[-1]["body"]["shape"]["nodes"]) == 3

    page.keyboard.press("Alt+t")
    wait_for(lambda: page.evaluate("Boolean(editor.geometry.ready?.transform.corners)"), "the frame")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+z")
    assert not page.evaluate("editor.geometry.ready.transform.isChanged")
    assert saved(page, server, name) == operations
    page.keyboard.press("Control+z")
    expect(page.locator("layer-list .layer")).to_have_count(1)
    assert kinds(page, server, name) == ["open", "stroke"]


def test_what_another_device_did_waits_for_the_pen_and_leaves_a_transform_in_hand(
    page: Page, server: PageServer
) -> None:
    name = opened(page, server)
    server.documents.broken = True
    drag(page, (50, 350), (450, 350))
    elsewhere(server, name, "fill", layer="base", **FILL)
    half_a_drag(page, (50, 50), (150, 50))
    server.documents.broken = False
    page.evaluate("editor.link.tell('sync')")
    wait_for(lambda: server.documents.calls, "the call that comes too late")
    page.evaluate("editor.link.ask('digest')")
    page.mouse.move(*place(page, 450, 50), steps=4)
    page.mouse.up()
    wait_for(lambda: len(server.path(name)) == 4, "both strokes on top of theirs")
    operations = saved(page, server, name)
    assert [each["kind"] for each in operations] == ["open", "fill", "stroke", "stroke"]
    assert page.evaluate("editor.link.ask('colour', { x: 440, y: 50 })") == [26, 26, 26, 255]

    page.keyboard.press("Alt+t")
    wait_for(lambda: page.evaluate("Boolean(editor.geometry.ready?.transform.corners)"), "the frame")
    page.keyboard.press("ArrowRight")
    elsewhere(server, name, "layer.add", layer="theirs", name="Theirs", group=None, above="base")
    page.evaluate("editor.do('select', { shape: 'none' })")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.evaluate("editor.geometry.ready.transform.looking")
    page.keyboard.press("Enter")
    wait_for(lambda: kinds(page, server, name)[-1] == "transform", "the transform")
    operations = saved(page, server, name)
    assert digest(page) == replayed(server, operations)


def test_a_step_of_several_operations_stays_one_on_top_of_what_others_did(
    page: Page, server: PageServer
) -> None:
    name = opened(page, server)
    server.documents.broken = True
    page.evaluate(
        """editor.doAll([['select', { shape: 'rectangle', how: 'replace', x0: 0, y0: 0, x1: 99, y1: 99 }],
          ['fill', { layer: 'base', rgba: 0xff0000ff, opacity: 255, mode: 'normal' }],
          ['select', { shape: 'none' }]])"""
    )
    elsewhere(server, name, "fill", layer="base", **FILL)
    server.documents.broken = False
    # Both wait for the worker: what waits for the server doesn't hold up what comes from there.
    answers = "Promise.all(['digest', 'settled', 'sent'].map((each) => editor.link.ask(each)))"
    late = "new Promise((done) => setTimeout(() => done('too late'), 15000))"
    assert page.evaluate(f"Promise.race([{answers}, {late}])") != "too late"
    assert kinds(page, server, name) == ["open", "fill", "select", "fill", "select"]
    page.evaluate("editor.run('undo')")
    wait_for(lambda: kinds(page, server, name) == ["open", "fill"], "all of the step is undone")


def test_a_layer_that_goes_while_it_is_dragged_takes_no_other_one_along(
    page: Page, server: PageServer
) -> None:
    name = opened(page, server)
    page.keyboard.press("Shift+N")
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("v")
    half_a_drag(page, (100, 100), (200, 150))
    page.evaluate("editor.run('undo')")
    expect(page.locator("layer-list .layer")).to_have_count(1)
    page.mouse.move(*place(page, 250, 200), steps=3)
    page.mouse.up()
    page.evaluate("editor.link.ask('drawn')")
    assert kinds(page, server, name) == ["open"]
    assert page.locator("[data-part=broken]").is_hidden()


@pytest.mark.long
def test_a_new_shape_has_the_foreground_colour_of_now_unless_its_own_was_chosen_later(
    page: Page, server: PageServer
) -> None:
    name = opened(page, server)
    page.keyboard.press("u")
    drag(page, (20, 20), (120, 90))
    expect(page.locator("layer-list .layer")).to_have_count(2)
    page.evaluate("editor.options.setColours('#ff0000', '#ffffff')")
    drag(page, (220, 20), (320, 90))
    expect(page.locator("layer-list .layer")).to_have_count(3)
    colour = page.locator("#shape-fill-colour")
    expect(colour).to_have_value("#ff0000")
    colour.fill("#00ff00")
    wait_for(lambda: kinds(page, server, name)[-1] == "layer.shape", "the other colour")
    drag(page, (20, 220), (120, 290))
    expect(page.locator("layer-list .layer")).to_have_count(4)
    added = [
        each["body"]["shape"]["fill"] for each in saved(page, server, name) if each["kind"] == "layer.add"
    ]
    assert added == [0xFF1A1A1A, 0xFF0000FF, 0xFF00FF00]


def test_two_fingers_amid_a_path_take_back_only_the_point_of_the_first(
    new_page: Pages, server: PageServer
) -> None:
    page = new_page(has_touch=True)
    name = opened(page, server)
    page.keyboard.press("Shift+L")
    for point in ((100, 100), (300, 100), (300, 300)):
        page.touchscreen.tap(*place(page, *point))
    session = page.context.new_cdp_session(page)
    (x0, y0), (x1, y1) = place(page, 150, 250), place(page, 250, 250)
    for fingers in ([(x0, y0)], [(x0, y0), (x1, y1)], [(x0 - 30, y0), (x1 + 30, y1)], []):
        kind = "touchEnd" if not fingers else "touchMove" if fingers[0][0] != x0 else "touchStart"
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.touchscreen.tap(*place(page, 100, 100))
    wait_for(lambda: page.evaluate("editor.state.selected"), "the selection")
    select = saved(page, server, name)[-1]
    assert (select["kind"], len(base64.b64decode(select["blob"]))) == ("select", 3 * 8)


def test_a_pen_put_down_by_key_is_lifted_by_another_tool(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    for key in ("ArrowRight", "Enter", "ArrowDown", "ArrowDown", "m"):
        page.keyboard.press(key)
    assert kinds(page, server, name) == ["open", "stroke"]
