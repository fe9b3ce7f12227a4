"""A walk through every tool: what is named, what is said, what can be typed, how large and how clear it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import drag, open_document, place, wait_for
from tests.editor.page_server import PageServer
from tests.services.browser import Pages

CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "listbox", "slider", "spinbutton", "checkbox"),
    *("radio", "switch", "tab", "menuitem", "option", "ColorWell", "DisclosureTriangle", "application"),
}
PLACES = {
    "region",
    "toolbar",
    "group",
    "dialog",
    "banner",
    "list",
    "listitem",
    "RootWebArea",
    "main",
    "radiogroup",
}
# What is the same in each row of a list, or says what it is by its value.
REPEATED = {"option"}


class Tree:
    """The accessibility tree, as the browser hands it to a screen reader."""

    def __init__(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        self.nodes: dict[str, dict[str, Any]] = {node["nodeId"]: node for node in nodes}

    def controls(self) -> Iterator[tuple[str, str, str]]:
        """The place, role and name of each control."""
        for node in self.nodes.values():
            role = node.get("role", {}).get("value", "")
            if not node["ignored"] and role in CONTROLS:
                yield self.place(node), role, node.get("name", {}).get("value", "").strip()

    def place(self, node: dict[str, Any]) -> str:
        """The names of the parts of the page that a control is in, from the nearest."""
        found = []
        while node := self.nodes.get(node.get("parentId", ""), {}):
            role = node.get("role", {}).get("value", "")
            if not node["ignored"] and role in PLACES:
                row = node["nodeId"] if role == "listitem" else ""
                found.append(f"{role} {node.get('name', {}).get('value', '')} {row}")
        return " < ".join(found)


def problems(page: Page) -> list[str]:
    """Controls without a name, and those that can't be told from another one in the same place."""
    found = list(Tree(page).controls())
    assert len(found) > 30
    nameless = [f"no name: {role} in {place}" for place, role, name in found if not name]
    many = Counter(control for control in found if control[1] not in REPEATED)
    twice = [
        f"{count} times: {role} {name} in {place}" for (place, role, name), count in many.items() if count > 1
    ]
    return nameless + twice


FEW = ["text", "crop", "generate.fill"]  # of all tools, in bin/test


def tools_of(page: Page, walk: list[str]) -> list[str]:
    known: list[str] = page.evaluate("[...editor.tools.keys()]")
    assert len(known) > 35
    assert set(walk) <= set(known)
    return walk or known


@pytest.mark.parametrize("walk", [FEW, pytest.param([], marks=pytest.mark.long, id="all")])
def test_every_control_of_a_tool_has_a_name_of_its_own(
    page: Page, server: PageServer, walk: list[str]
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.evaluate(
        "document.querySelectorAll('.panel details').forEach((details) => { details.open = true; })"
    )
    for tool in tools_of(page, walk):
        page.evaluate("(tool) => editor.useTool(tool)", tool)
        expect(page.locator("tool-options .panel-title").first).to_be_visible()
        assert problems(page) == [], tool


# What a screen reader hears of each command, in the order in which they are done here.
SAID: list[tuple[str, str]] = [
    ("layer.add", "Done: New layer. 2 layers."),
    ("fill", "Done: Fill."),
    ("undo", "Undone: Fill"),
    ("redo", "Redone: Fill"),
    ("select.all", "Selected: 400 by 300 pixels."),
    ("select.invert", "The selection is empty."),
    ("select.all", "Selected: 400 by 300 pixels."),
    ("clear", "Done: Delete pixels."),
    ("select.none", "Nothing is selected."),
    ("layer.duplicate", "Done: Duplicate layer. 3 layers."),
    ("layer.down", "Layer moved down."),
    ("layer.up", "Layer moved up."),
    ("layer.merge", "Done: Merge layers. 2 layers."),
    ("layer.below", "Layer Background"),
    ("layer.group", "Done: "),
    ("layer.mask", "Mask of "),
    ("mask.remove", "Done: "),
    ("layer.lock", "Done: "),
    ("layer.lock", "Done: "),
    ("adjust.invert", "Invert"),
    ("layer.delete", " was deleted."),
    ("orient.90", "Done: "),
    ("layer.flatten", "Done: Flatten."),
    ("grid", "Pixel grid off."),
    ("rulers", "Rulers on."),
    ("size.up", "Size "),
    ("tool.lasso", "Lasso"),
    ("tool.brush", "Brush"),
    ("copy.merged", "Copied."),
]
HEAR = """() => {
  globalThis.heard = [];
  const region = document.getElementById('editor-said');
  new MutationObserver(() => region.textContent && heard.push(region.textContent)).observe(region, { childList: true });
}"""


def was_said(page: Page, sentence: str) -> bool:
    return any(sentence in each for each in page.evaluate("heard"))


@pytest.mark.long
def test_what_a_command_did_is_said(server: PageServer, new_page: Pages) -> None:
    page = new_page(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    open_document(page, server, server.documents.new(width=400, height=300))
    page.evaluate(HEAR)
    page.locator("[data-part=stage]").focus()
    for command, sentence in SAID:
        page.evaluate("(command) => { heard.length = 0; editor.run(command); }", command)
        wait_for(partial(was_said, page, sentence), f"{command}: {sentence}")
    page.evaluate("heard.length = 0")
    drag(page, (50, 50), (150, 150))
    wait_for(lambda: "Done: Brush." in page.evaluate("heard"), "a stroke")


# Tools with which nothing is drawn or dragged on the picture.
NO_GESTURE = {
    f"generate.{name}"
    for name in ("upscale", "remove_background", "layers", "variations", "instruct", "reference")
}
IN_A_FIELD = """document.activeElement.matches('input:not([type=radio]), textarea')
  && document.activeElement.labels.length > 0"""


@pytest.mark.long
def test_whatever_is_drawn_can_be_typed(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    dialog = page.locator("#editor-numbers")
    for tool in sorted(set(tools_of(page, [])) - NO_GESTURE):
        page.evaluate("(tool) => editor.useTool(tool)", tool)
        page.locator("[data-part=stage]").focus()
        expect(page.locator("tool-options :is(input, button)").first).to_be_attached()
        page.keyboard.press("n")
        wait_for(lambda: page.evaluate(IN_A_FIELD), f"a field for what {tool} does")
        if dialog.is_visible():
            page.keyboard.press("Escape")
            expect(dialog).to_be_hidden()


@pytest.mark.long
def test_a_way_of_several_points_and_the_view_are_typed(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Brush")
    for label, value in (("X", "10"), ("Y", "20"), ("To X", "110"), ("To Y", "20")):
        dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_label("More points").fill("110, 200\n300 250")
    dialog.get_by_role("button", name="Apply").click()
    wait_for(lambda: len(server.path(name)) == 2, "one stroke")
    wait_for(
        lambda: page.evaluate("editor.link.ask('colour', { x: 110, y: 120 })")[0] < 60, "its second line"
    )

    page.keyboard.press("z")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Zoom")
    for label, value in (("Zoom, in percent", "400"), ("Centre X", "100"), ("Centre Y", "50")):
        dialog.get_by_label(label).fill(value)
    dialog.get_by_role("button", name="Apply").click()
    assert page.evaluate("editor.view.scale") == 4
    x, y = place(page, 100, 50)
    stage = page.locator("[data-part=stage]").bounding_box()
    assert stage is not None
    assert abs(x - stage["x"] - stage["width"] / 2) < 4
    assert abs(y - stage["y"] - stage["height"] / 2) < 4


CLICKED = "button, a[href], input, select, textarea, summary"
SMALL = """(selector) => [...document.querySelectorAll(selector)].filter((element) => {
  if (!element.checkVisibility({ visibilityProperty: true })) return false;
  if (element.closest('dialog:not([open]), .skip-link')) return false;
  // A box or dot is as large as the words that belong to it.
  const target = ['checkbox', 'radio'].includes(element.type) ? element.labels[0] : element;
  const { width, height } = target.getBoundingClientRect();
  const typed = element.matches('input:not([type=color], [type=checkbox], [type=radio]), textarea, select');
  return width > 0 && (height < 43.5 || (!typed && width < 43.5));
}).map((element) => {
  const { width, height } = element.getBoundingClientRect();
  return `${Math.round(width)} x ${Math.round(height)} ${element.outerHTML.slice(0, 140)}`;
})"""


@pytest.mark.parametrize(
    ("size", "walk"),
    [
        ((820, 1180), ["brush"]),
        *(pytest.param(size, [], marks=pytest.mark.long) for size in [(820, 1180), (1180, 820), (390, 844)]),
    ],
)
def test_whatever_a_finger_touches_is_44_pixels_large(
    server: PageServer, new_page: Pages, size: tuple[int, int], walk: list[str]
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    open_document(page, server, server.documents.new(width=400, height=300))
    page.evaluate("editor.run('layer.add')")
    wait_for(lambda: page.locator(".layer-eye").count() == 2, "two layers, a line between them")
    sheets = page.locator("[data-sheet=layers]").is_visible()
    for sheet in ("layers", "history", "properties"):
        if sheets:
            page.locator(f"[data-sheet={sheet}]").tap()
        assert page.evaluate(SMALL, CLICKED) == []
    for tool in tools_of(page, walk):
        page.evaluate("(tool) => editor.useTool(tool)", tool)
        # A tool that needs a selection lays the panel down.
        expect(page.locator("tool-options .panel-title").first).to_be_attached()
        page.evaluate("editor.sheet('properties')")
        assert page.evaluate(SMALL, CLICKED) == [], tool
    across = "document.documentElement.scrollWidth <= innerWidth && document.querySelector('.layer-bar').scrollWidth"
    assert page.evaluate(across) <= max(1, page.evaluate("document.querySelector('.layer-bar').clientWidth"))


COLOURS = """(selector) => {
  const style = getComputedStyle(document.querySelector(selector));
  return [style.color, style.backgroundColor];
}"""


def test_what_is_switched_on_is_seen_in_a_persons_own_colours(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900}, forced_colors="active")
    open_document(page, server, server.documents.new(width=400, height=300))
    on = page.evaluate(COLOURS, "[data-command='tool.brush']")
    off = page.evaluate(COLOURS, "[data-command='tool.eraser']")
    assert on[1] != off[1]
    assert on[0] != on[1]
    assert page.evaluate(COLOURS, ".layer-current")[1] != page.evaluate(COLOURS, ".panel-layers")[1]
    page.keyboard.press("Control+k")
    expect(page.locator(".palette-list > li").nth(1)).to_be_attached()
    options = [page.evaluate(COLOURS, f".palette-list > li:nth-child({n})")[1] for n in (1, 2)]
    assert options[0] != options[1]


READ = ".editor :is(button:not(:disabled), label, p, h2, .option-unit, summary)"
CONTRAST = """(selector) => {
  const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (text) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parse(text).map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/rgba\\(.*, 0\\)|transparent/.test(backgroundColor)) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const weak = [];
  for (const element of document.querySelectorAll(selector)) {
    const empty = !element.textContent.trim() && !element.querySelector('svg');
    if (empty || !element.checkVisibility({ visibilityProperty: true })) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(backOf(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 7) weak.push(`${ratio.toFixed(1)} ${element.outerHTML.slice(0, 120)}`);
  }
  return weak;
}"""


@pytest.mark.long
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_words_have_seven_to_one_for_who_asks_for_more_contrast(
    server: PageServer, new_page: Pages, theme: str
) -> None:
    server.handler.theme = theme
    page = new_page(viewport={"width": 1440, "height": 900}, contrast="more")
    open_document(page, server, server.documents.new(width=400, height=300))
    assert page.evaluate(CONTRAST, READ) == []


@pytest.mark.long
def test_nothing_moves_for_who_asks_for_less_motion(server: PageServer, new_page: Pages) -> None:
    page = new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    open_document(page, server, server.documents.new(width=400, height=300))
    page.keyboard.press("Control+a")
    wait_for(lambda: page.evaluate("editor.overlay.edge !== null"), "the edge of the selection")
    before = page.evaluate("editor.overlay.phase")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()
    page.wait_for_timeout(400)
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("editor.overlay.phase") == before, "the stripes of a selection stand still"
    page.keyboard.press("Escape")
    page.emulate_media(reduced_motion="no-preference")
    wait_for(lambda: page.evaluate("editor.overlay.phase") != before, "they run for everybody else")
