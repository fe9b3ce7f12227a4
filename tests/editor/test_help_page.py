"""How people find their way in the editor: the command palette, tooltips, arrow keys along bars, hints, and fingers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, drag, open_document, place, saved, wait_for, with_pointer
from tests.editor.page_server import PageServer
from tests.services.browser import Pages

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
ENDS_OF_BAR = """() => [...document.querySelectorAll('.editor-bar :is(a, button), [data-part=savedWord]')]
  .filter((part) => part.checkVisibility()).map((part) => part.getBoundingClientRect())
  .filter(({ width }) => width > 1).map(({ right }) => right)"""


def chosen(page: Page) -> str:
    """What a screen reader says of the box of the palette: the option that it points at."""
    found: str = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
        "?.querySelector('.palette-name').textContent ?? ''"
    )
    return found


def test_a_command_is_found_by_some_of_its_letters_and_done(page: Page, server: PageServer) -> None:
    open_document(page, server, server.documents.new(width=400, height=300))
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Command")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    expect(box).to_be_focused()
    expect(options.nth(120)).to_be_attached()
    everything = options.count()
    page.keyboard.type("inv sel")
    expect(options.first).to_contain_text("Invert selection")
    expect(options.first).to_contain_text("Ctrl+Shift+I")
    assert options.count() < everything
    box.fill("gblr")
    assert chosen(page) == "Gaussian blur"
    box.fill("new layer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_hidden()
    expect(page.locator("layer-list .layer")).to_have_count(2)
    expect(page.locator("#editor-said")).to_have_text("Done: New layer. 2 layers.")

    page.keyboard.press("Control+k")
    page.keyboard.type("nothing like it")
    expect(page.get_by_role("status").filter(has_text="No matching commands.")).to_be_visible()
    page.keyboard.press("Enter")
    box.fill("")
    page.keyboard.press("ArrowUp")
    last = chosen(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page) != last
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("lasso")
    options.filter(has_text="Lasso").first.click()
    assert page.evaluate("editor.tool.name") == "lasso"
    expect(page.get_by_role("application", name="Canvas")).to_be_focused()


@pytest.mark.long
def test_a_tooltip_can_be_pointed_at_and_goes_with_escape_alone(page: Page, server: PageServer) -> None:
    open_document(page, server, server.documents.new(width=400, height=300))
    tooltip = page.get_by_role("tooltip")
    page.locator("[data-command='tool.lasso']").hover()
    expect(tooltip).to_have_text("LassoL")
    expect(page.locator("[data-command='tool.lasso']")).not_to_have_attribute("title", "Lasso (L)")
    box = tooltip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
    page.wait_for_timeout(600)
    expect(tooltip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    expect(page.locator("[data-command='tool.lasso']")).to_have_attribute("title", "Lasso (L)")

    # By keyboard it comes with the focus, and Escape leaves what is in hand alone.
    page.keyboard.press("Shift+L")
    page.mouse.click(*place(page, 50, 50))
    page.mouse.click(*place(page, 150, 50))
    page.locator("[data-command='zoom.in']").focus()
    page.keyboard.press("Tab")
    expect(tooltip).to_have_text("Fit in windowCtrl+0")
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    assert page.evaluate("editor.overlay.points?.length") >= 2
    page.keyboard.press("Escape")
    assert page.evaluate("editor.overlay.points") is None


def test_a_bar_is_one_stop_and_arrows_walk_along_it(page: Page, server: PageServer) -> None:
    open_document(page, server, server.documents.new(width=400, height=300))
    on = "document.activeElement.dataset.command ?? document.activeElement.dataset.part"
    page.locator('[data-command="tool.eraser"]').hover()
    expect(page.get_by_role("tooltip")).to_be_visible()  # so its script is there
    page.locator("[data-command=export]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(on) == "tool.brush"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(on) == "tool.eraser"
    expect(page.get_by_role("tooltip")).to_have_text("EraserE")
    page.keyboard.press("End")
    assert page.evaluate(on) == "back"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(on) == "tool.move"
    page.keyboard.press("Tab")
    assert page.evaluate(on) == "stage"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(on) == "tool.move"
    bars = page.evaluate(
        """() => [...document.querySelectorAll('[role=toolbar]')].filter((bar) => bar.checkVisibility()).map(
          (bar) => [...bar.querySelectorAll('button, input, a[href]')].filter((item) => item.tabIndex === 0).length)"""
    )
    assert set(bars) == {1}


@pytest.mark.long
def test_a_hint_comes_once_for_a_tool_and_is_turned_off(server: PageServer, page: Page) -> None:
    server.handler.hints = True
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    hint = page.get_by_role("region", name="Hint")
    expect(hint).to_contain_text(
        "Hold Shift for a straight line"
    )  # the tool that is in hand when a document opens
    page.keyboard.press("m")
    expect(hint).to_contain_text("Drag to select.")
    expect(page.locator("#editor-said")).to_contain_text("Rectangle selection. Drag to select.")
    drag(page, (20, 20), (120, 120))
    expect(hint).to_be_hidden()
    page.keyboard.press("l")
    hint.get_by_role("button", name="Got it").click()
    expect(hint).to_be_hidden()
    expect(page.get_by_role("application", name="Canvas")).to_be_focused()

    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    for key in "mlb":
        page.keyboard.press(key)
    page.keyboard.press("w")
    expect(hint).to_contain_text("Magic wand")
    hint.get_by_role("button", name="Turn off hints").click()
    expect(page.locator(".toast")).to_contain_text("Hints are off.")
    assert server.handler.hints is False
    page.keyboard.press("k")
    expect(hint).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("hints")
    expect(page.get_by_role("option", name="Turn hints on or off")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("Hints are on.")
    page.keyboard.press("m")
    expect(hint).to_contain_text("Drag to select.")


class Hand:
    """Fingers and a pen, by DevTools: the browser can't tell them from real ones."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float], size: float = 5) -> None:
        touches = [
            {"x": x, "y": y, "id": i, "radiusX": size, "radiusY": size} for i, (x, y) in enumerate(points)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": touches})

    def tap(self, *points: tuple[float, float]) -> None:
        self.touch("Start", *points)
        self.touch("End")

    def pen(self, kind: str, x: float, y: float) -> None:
        about = {"pointerType": "pen", "force": 0.5, "clickCount": 1, "button": "left"}
        buttons = 0 if kind == "Released" else 1
        event = {"type": f"mouse{kind}", "x": x, "y": y, "buttons": buttons, **about}
        self.session.send("Input.dispatchMouseEvent", event)


def tablet(new_page: Pages, server: PageServer) -> Page:
    page = new_page(**TABLET)
    open_document(page, server, server.documents.new(width=400, height=300))
    return page


@pytest.mark.long
def test_fingers_undo_redo_move_and_zoom(server: PageServer, new_page: Pages) -> None:
    page = tablet(new_page, server)
    hand = Hand(page)
    blank = digest(page)
    with_pointer(page, "touch", (50, 50), (350, 250))
    page.evaluate("editor.link.ask('kept')")
    drawn = digest(page)
    assert drawn != blank
    a, b, c = place(page, 100, 100), place(page, 200, 100), place(page, 300, 100)
    hand.tap(a, b)
    wait_for(lambda: digest(page) == blank, "two fingers undo")
    hand.tap(a, b, c)
    wait_for(lambda: digest(page) == drawn, "three fingers redo")

    scale = page.evaluate("editor.view.scale")
    hand.touch("Start", a, b)
    for step in range(1, 9):
        hand.touch("Move", (a[0] - 10 * step, a[1] + 5 * step), (b[0] + 10 * step, b[1] + 5 * step))
    hand.touch("End")
    assert page.evaluate("editor.view.scale") > 1.4 * scale
    assert digest(page) == drawn, "a pinch draws nothing and undoes nothing"


def test_a_hand_that_rests_does_nothing_while_a_pen_draws(server: PageServer, new_page: Pages) -> None:
    page = tablet(new_page, server)
    hand = Hand(page)
    x, y = place(page, 100, 100)
    palm = [(x + 120, y + 90), (x + 150, y + 120)]
    # The hand comes first: what it began is given up when the pen arrives, and its end is no tap with two fingers.
    hand.touch("Start", *palm)
    hand.pen("Pressed", x, y)
    for step in range(1, 6):
        hand.pen("Moved", x + 20 * step, y)
    hand.touch("End")
    # And it comes again in the middle of the stroke.
    hand.touch("Start", *palm)
    hand.touch("Move", (palm[0][0] + 30, palm[0][1]), (palm[1][0] + 60, palm[1][1]))
    hand.pen("Moved", x + 140, y)
    hand.pen("Released", x + 140, y)
    hand.touch("End")
    name = page.evaluate("document.querySelector('[data-editor]').dataset.document")
    operations = saved(page, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "stroke"]
    scale = page.evaluate("editor.view.scale")
    hand.touch("Start", *palm, size=45)
    hand.touch("Move", (palm[0][0] + 60, palm[0][1]), (palm[1][0] + 160, palm[1][1]), size=45)
    hand.touch("End")
    assert page.evaluate("editor.view.scale") == scale, "what is as wide as a palm is no finger"
    assert page.evaluate("editor.state.canUndo")


def test_on_a_phone_the_bar_holds_the_palette_and_fits_and_says_in_words_what_is_not_saved(
    new_page: Pages, server: PageServer
) -> None:
    page = new_page(**PHONE)
    open_document(page, server, server.documents.new(width=400, height=300))
    find = page.get_by_role("button", name="Command palette")
    expect(find).to_be_visible()
    assert max(page.evaluate(ENDS_OF_BAR)) <= 360
    find.click()
    expect(page.get_by_role("combobox", name="Command")).to_be_focused()
    page.keyboard.press("Escape")

    server.documents.broken = True
    page.evaluate("editor.run('layer.add')")
    expect(page.locator("[data-part=saved]")).to_have_attribute("data-state", "local")
    word = page.get_by_text("Only on this device").first
    box = word.bounding_box()
    assert box is not None
    assert box["width"] > 40
    expect(find).to_be_visible()
    assert max(page.evaluate(ENDS_OF_BAR)) <= 360


@pytest.mark.parametrize("width", [820, 1024])
def test_on_a_tablet_the_title_gives_way_and_nothing_of_the_bar_lies_on_what_says_that_it_is_saved(
    new_page: Pages, server: PageServer, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 1180}, has_touch=True)
    open_document(page, server, server.documents.new(width=400, height=300))
    page.evaluate(
        "document.querySelector('[data-command=rename]').textContent = 'a red sailboat on a calm sea '.repeat(4)"
    )
    word = page.locator("[data-part=savedWord]").bounding_box()
    undo = page.get_by_role("button", name="Undo").first.bounding_box()
    assert word is not None
    assert undo is not None
    assert word["width"] > 20
    assert word["x"] + word["width"] <= undo["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
