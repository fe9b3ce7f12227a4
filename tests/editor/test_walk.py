"""A walk through every tool as a screen reader has it: what is named, what is said, and what can be typed instead of drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
PLACES = {"region", "toolbar", "group", "dialog", "banner", "list", "listitem", "RootWebArea", "main", "radiogroup"}
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
                found.append(f"{role} {node.get('name', {}).get('value', '')} {node['nodeId'] if role == 'listitem' else ''}")
        return " < ".join(found)


def problems(page: Page) -> list[str]:
    """Controls without a name, and those that can't be told from another one in the same place."""
    found = list(Tree(page).controls())
    assert len(found) > 30
    nameless = [f"no name: {role} in {place}" for place, role, name in found if not name]
    many = Counter(control for control in found if control[1] not in REPEATED)
    return nameless + [f"{count} times: {role} {name} in {place}" for (place, role, name), count in many.items() if count > 1]


def test_every_control_of_every_tool_has_a_name_of_its_own(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    for each in page.locator(".panel details").all():
        each.evaluate("(details) => { details.open = true; }")
    tools: list[str] = page.evaluate("[...editor.tools.keys()]")
    assert len(tools) > 35
    for tool in tools:
        page.evaluate("(tool) => editor.useTool(tool)", tool)
        expect(page.locator("tool-options .panel-title").first).to_be_visible()
        assert problems(page) == [], tool
