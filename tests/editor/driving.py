"""Drives the editor's page as a person does, and reads what became of it."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, expect

from editor.replay.document import Document
from editor.replay.engine import Kernels
from tests.editor.page_server import PageServer

WAIT_SECONDS = 20


def wait_for(condition: Callable[[], Any], what: str = "", seconds: float = WAIT_SECONDS) -> Any:
    """Wait for something of the server or the page; the page's policy forbids Playwright's own wait_for_function."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not come: {what}")


def open_document(page: Page, server: PageServer, name: str) -> None:
    page.goto(server.address(name))
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    expect(page.locator("layer-list .layer").first).to_be_attached()


def saved(page: Page, server: PageServer, name: str) -> list[dict[str, Any]]:
    """Wait until the server has all that the page has; return the operations that lead to the head."""
    head = page.evaluate("editor.link.ask('kept').then(() => editor.state.history.head)")
    wait_for(lambda: server.head(name) == page.evaluate("editor.state.history.head"), f"head {head}")
    expect(page.locator("[data-part=saved]")).to_have_attribute("data-state", "saved")
    return server.path(name)


def elsewhere(server: PageServer, name: str, kind: str, /, **body: Any) -> None:
    """Append an operation as another device does."""
    head = server.head(name)
    operation = {"id": str(uuid.uuid4()), "parent": head, "kind": kind, "engine": "k1", "body": body}
    call = {"head": operation["id"], "expected": head, "operations": [{**operation, "blob": ""}]}
    assert server.documents.append(name, call)[0] == 200


def digest(page: Page) -> str:
    found: str = page.evaluate("editor.link.ask('digest')")
    return found


class Assets:
    def __init__(self, server: PageServer, pictures: dict[str, Any]) -> None:
        self.pictures = pictures

    def pixels(self, sha256: str) -> Any:
        return self.pictures[sha256]


def replayed(
    server: PageServer, operations: list[dict[str, Any]], pictures: dict[str, Any] | None = None
) -> str:
    """Return the digest that the server's own engine gives the operations."""
    with Kernels() as kernels:
        document = Document(kernels, Assets(server, pictures or {}))
        for operation in operations:
            document.apply(operation["kind"], operation["body"], base64.b64decode(operation["blob"]))
        found: str = document.digest()
    return found


def drag(page: Page, *points: tuple[float, float], steps: int = 8) -> None:
    """Drag over points of the picture with the mouse."""
    places = [place(page, *point) for point in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=steps)
    page.mouse.up()


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture is in the window."""
    found: list[float] = page.evaluate(
        """([x, y]) => {
          const box = editor.parts.stage.getBoundingClientRect();
          const at = editor.view.toScreen(x, y);
          return [box.left + at.x / editor.ratio, box.top + at.y / editor.ratio];
        }""",
        [x, y],
    )
    return found[0], found[1]


def shot(page: Page) -> bytes:
    """Return a picture of the canvas without the numbers below it."""
    box = page.locator("[data-part=stage]").bounding_box()
    assert box is not None
    return page.screenshot(
        clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"] - 60}
    )


def colour(page: Page, x: int, y: int) -> list[int]:
    found: list[int] = page.evaluate("([x, y]) => editor.link.ask('colour', { x, y })", [x, y])
    return found


def renderers_of(page: Page) -> list[int]:
    """Return the processes that draw pages; the browser keeps a spare one, so there are two for one page."""
    session = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    processes: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [process["id"] for process in processes if process["type"] == "renderer"]


def kill(page: Page) -> None:
    """Kill the renderer."""
    killed = renderers_of(page)
    # What is asked of a renderer between its end and the browser's notice of it would be waited for without an end.
    with page.expect_event("crash"):
        for process in killed:
            os.kill(process, signal.SIGKILL)
    wait_for(lambda: not set(killed) & set(renderers_of(page)), "the end of the renderers")


def page_after_a_crash(context: BrowserContext) -> Page:
    """Open a page; Chromium may hand it a process in reserve that was killed with the other."""
    for _attempt in range(3):
        with contextlib.suppress(Error):
            return context.new_page()
    return context.new_page()


def with_pointer(
    page: Page,
    kind: str,
    *points: tuple[float, float],
    pressures: tuple[float, float] = (0.5, 0.5),
    steps: int = 8,
    cancel: bool = False,
) -> None:
    """Drag over points of the picture with a pen or a finger, by DevTools: the browser can't tell it from a real one.

    `pressures` are a pen's at the first and the last point; with `cancel` the system takes the pointer away at the end.
    """
    session = page.context.new_cdp_session(page)
    places = [place(page, *point) for point in points]
    way = [places[0]]
    for (x0, y0), (x1, y1) in pairwise(places):
        way += [(x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps) for n in range(1, steps + 1)]
    for number, (x, y) in enumerate(way):
        if kind == "touch":
            name = "touchMove" if number else "touchStart"
            session.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": [{"x": x, "y": y}]})
            continue
        force = pressures[0] + (pressures[1] - pressures[0]) * number / max(1, len(way) - 1)
        about = {"x": x, "y": y, "pointerType": kind, "force": force, "button": "left", "buttons": 1}
        name = "mouseMoved" if number else "mousePressed"
        session.send("Input.dispatchMouseEvent", {"type": name, "clickCount": 1, **about})
    if kind == "touch":
        name = "touchCancel" if cancel else "touchEnd"
        session.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": []})
    else:
        x, y = way[-1]
        about = {"x": x, "y": y, "pointerType": kind, "button": "left", "buttons": 0, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **about})
    session.detach()
