"""The parts of the design system in a real browser: the strict policy, three widths, keyboard, touch."""

from __future__ import annotations

import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.examples import few_of
from tests.pages.colours import STATIC
from tests.services import processes
from tests.services.browser import Pages

WIDTHS = (390, 820, 1440)


@pytest.fixture(scope="module")
def style_guide() -> Iterator[str]:
    """Only the web process, with DEBUG, and no database: neither page asks it anything."""
    port = processes.free_port()
    with tempfile.TemporaryDirectory() as home:
        server = processes.start(
            [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload", "--skip-checks"],
            log=Path(home) / "web.log",
            environment=processes.quiet_environment(IMAGE2_HOME=home, DEBUG="1", PORT=str(port)),
            cwd=STATIC.parent,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            processes.wait_for_server(server, lambda: _answers(address), Path(home) / "web.log", seconds=60)
            yield address
        finally:
            processes.stop(server)


@pytest.mark.parametrize("theme", few_of(["light", "dark"], ["light"]))
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/styleguide/"])
@pytest.mark.few(4)
def test_a_page_fits_its_window_and_breaks_no_policy(
    style_guide: str, new_page: Pages, path: str, width: int, theme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.goto(style_guide + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # new_page fails the test when a console holds an error, a violation of the policy among them.


def test_everything_that_can_be_touched_has_a_name_and_room_for_a_finger(
    style_guide: str, new_page: Pages
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(style_guide + "/styleguide/")

    small = page.evaluate(
        """() => [...document.querySelectorAll(
                'button, select, .input, .chip:is(a, button), .site-nav a, .switch, .check')]
            .filter(one => one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
            .map(one => [one, one.getBoundingClientRect()])
            .filter(([one, box]) => box.width > 0 && box.height < 43.5)
            .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${box.height}`)"""
    )
    narrow = page.evaluate(
        """() => [...document.querySelectorAll('.site-footer a')]
            .map(one => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
            .map(([name, box]) => `${name} ${box.width} x ${box.height}`)"""
    )
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]
            .filter(one => !(one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim()
                || one.querySelector('[aria-label]') || one.closest('[aria-labelledby]')))
            .map(one => one.outerHTML.slice(0, 120))"""
    )

    assert small == []
    assert narrow == []
    assert nameless == []


def test_the_theme_changes_at_once_and_is_there_after_a_reload(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()

    assert dark != light
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_a_message_is_shown_and_can_be_closed(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/")
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('toast', {detail: {level: 'error', message: '<b>No room</b>'}}))"
    )
    toast = page.get_by_role("status").filter(has_text="<b>No room</b>")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Close").click()

    expect(page.get_by_text("<b>No room</b>")).to_have_count(0)


def test_the_slider_and_the_number_follow_each_other(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/styleguide/")
    slider = page.get_by_role("slider").first
    number = page.get_by_role("spinbutton").first
    number.fill("40")
    expect(slider).to_have_value("40")
    slider.press("ArrowRight")

    expect(number).to_have_value("41")


def test_a_menu_is_walked_by_arrow_keys_and_left_by_escape(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/styleguide/")
    opener = page.get_by_role("button", name="More formats")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="JPEG")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="WebP")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="WebP")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_dialog_takes_the_keyboard_and_gives_it_back(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/styleguide/")
    opener = page.get_by_role("button", name="Dialog", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Delete 3 pictures?")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_password_can_be_looked_at(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/styleguide/")
    password = page.get_by_label("Password").first
    password.fill("correct horse")
    page.get_by_role("button", name="Show").first.click()

    expect(password).to_have_attribute("type", "text")


def test_who_asks_for_less_motion_gets_none(style_guide: str, new_page: Pages) -> None:
    page = new_page(reduced_motion="reduce")
    page.goto(style_guide + "/styleguide/")

    assert page.evaluate("document.getAnimations().length") == 0


def test_the_first_tab_leads_past_the_navigation(style_guide: str, page: Page) -> None:
    page.goto(style_guide + "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("textbox")).to_be_focused()


def test_the_front_page_and_its_themes_work_without_script(style_guide: str, new_page: Pages) -> None:
    page = new_page(java_script_enabled=False, color_scheme="light")
    page.goto(style_guide + "/")
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "/styleguide/", timeout=20) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
