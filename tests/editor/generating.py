"""What tests of the generative tools do on the editor's page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.editor.driving import drag, wait_for
from tests.editor.orders_server import pixels_of
from tests.editor.page_server import PageServer


def panel(page: Page) -> Locator:
    return page.locator("tool-options")


def strip(page: Page) -> Locator:
    return page.get_by_role("region", name="Results")


def button(page: Page) -> Locator:
    """The button with the price on it."""
    return panel(page).locator("[data-part=order]")


def choose(page: Page, key: str, title: str) -> None:
    page.keyboard.press(key)
    expect(panel(page).get_by_role("heading", name=title, exact=True)).to_be_visible()


def select(page: Page, x0: int = 100, y0: int = 80, x1: int = 200, y1: int = 160) -> None:
    page.keyboard.press("m")
    drag(page, (x0, y0), (x1, y1))
    expect(page.locator("#editor-said")).to_have_text(f"Selected: {x1 - x0} by {y1 - y0} pixels.")


def priced(page: Page, text: str) -> None:
    expect(button(page)).to_have_text(text)
    expect(button(page)).to_have_attribute("aria-disabled", "false")


def filling(page: Page, words: str = "a red house") -> None:
    """Select a part and choose to fill it."""
    select(page)
    choose(page, "Shift+F", "Generative fill")
    panel(page).get_by_role("textbox", name="Prompt").fill(words)
    priced(page, "Fill · 2 variants · 2 credits")


def order(page: Page, server: PageServer) -> dict[str, Any]:
    """Press the button; return the order as the server has it."""
    before = len(server.documents.orders.orders)
    button(page).click()
    wait_for(lambda: len(server.documents.orders.orders) == before + 1, "the order")
    return server.documents.orders.newest()


def finished(page: Page, server: PageServer) -> dict[str, Any]:
    """Order, and wait for the results."""
    made = order(page, server)
    server.documents.orders.finish(made)
    expect(page.locator(f'[data-order="{made["id"]}"] [data-result]')).to_have_count(made["variants"])
    return made


def tab_in_bar(page: Page, bar: str, selector: str, key: str = "Tab") -> None:
    """Of a bar Tab reaches one button, and arrows the others."""
    for _ in range(90):
        if page.evaluate("(bar) => Boolean(document.activeElement.closest(bar))", bar):
            break
        page.keyboard.press(key)
    tab_to(page, selector, key="ArrowRight")


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    for _ in range(90):
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached by {key}")


def pictures(server: PageServer) -> dict[str, Any]:
    """The document's pictures as a replay takes them."""
    found = {sha256: pixels_of(png) for sha256, png in server.documents.assets.items()}
    for pixels in found.values():
        pixels[pixels[..., 3] == 0] = 0
    return found
