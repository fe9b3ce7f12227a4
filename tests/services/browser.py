"""Chromium, driven from a thread of its own.

Playwright's synchronous interface keeps an asyncio loop running in the thread that it was started in. Django refuses
database work in such a thread, and rightly so. So the browser lives in one thread, the tests that use it run in that
thread, and every other test and fixture stays in the main thread, where no loop ever runs. A browser test speaks with
the site as a person does, over HTTP; what it must know of the database, a fixture or a management command tells.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    sync_playwright,
)

from tests.services import processes

T = TypeVar("T")
FLAGS = (
    "--no-sandbox",  # the tests may run as root, where Chromium's sandbox can't run
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB
)
BROWSER_FIXTURES = {"browser", "new_page", "page"}
CSP_REPORTER = """
document.addEventListener('securitypolicyviolation',
  event => console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} `
    + `(${event.sourceFile}:${event.lineNumber})`))
"""


# Not ours: what Chromium says when it leaves out the animation between two pages, on a busy machine say.
TRANSITION_LEFT_OUT = ("Transition was", "ViewTransition")


class BrowserThread:
    """The one thread in which everything of Playwright happens."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")

    def run(self, function: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
        """Run a function there and return what it returns, or raise what it raises."""
        return self._executor.submit(function, *arguments, **keywords).result()

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown()


class Chromium:
    """Debian's Chromium: started when a page is first wanted, and again when it has gone."""

    def __init__(self, *flags: str) -> None:
        """``flags`` are added to those that every browser here has."""
        self._flags = [*FLAGS, *flags]
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def running(self) -> Browser:
        """Return the browser that runs; start one if there is none."""
        if self._playwright is None:
            self._playwright = sync_playwright().start()
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(
                executable_path=chromium_program(), args=self._flags, headless=True
            )
        return self._browser

    def close(self) -> None:
        """End the browser and what drives it."""
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()


class Pages:
    """Opens pages, each in a browser profile of its own, and remembers what went wrong in them."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.expected_errors: list[str] = list(TRANSITION_LEFT_OUT)

    def __call__(self, **options: Any) -> Page:
        """Open a page; the options are Playwright's for a new context (viewport, color_scheme, java_script_enabled)."""
        context = self._chromium.running().new_context(**{"locale": "en-GB", "timezone_id": "UTC", **options})
        context.set_default_timeout(15_000)
        context.add_init_script(CSP_REPORTER)
        context.on("page", self._watch)
        self._contexts.append(context)
        return context.new_page()

    def expect_error(self, part: str) -> None:
        """Say that a console line with these words is meant to happen (a 404 that the test asks for, say)."""
        self.expected_errors.append(part)

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            # Its browser may have been ended with a test that took too long.
            with contextlib.suppress(Error):
                context.close()

    def unexpected(self) -> list[str]:
        """Return the console errors, uncaught exceptions and policy violations that no test asked for."""
        return [line for line in self.errors if not any(part in line for part in self.expected_errors)]

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location
            self.errors.append(f"{message.text} [{where['url']}:{where['lineNumber']}]")


@pytest.fixture(scope="session")
def browser_thread() -> Iterator[BrowserThread]:
    """The thread in which Playwright lives."""
    thread = BrowserThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def browser(browser_thread: BrowserThread) -> Iterator[Chromium]:
    """One Chromium for a test process. Usable only inside tests and through ``browser_thread``."""
    chromium = Chromium()
    yield chromium
    browser_thread.run(chromium.close)


@pytest.fixture
def new_page(browser: Chromium, browser_thread: BrowserThread) -> Iterator[Pages]:
    """Opens pages (``new_page(viewport={...}, color_scheme="dark")``); the test fails on an error in any console."""
    pages = Pages(browser)
    yield pages
    browser_thread.run(pages.close)
    assert pages.unexpected() == [], "the browser's console holds errors"


@pytest.fixture
def page(new_page: Pages, browser_thread: BrowserThread) -> Page:
    """One page, 1440 by 900, in the light."""
    return browser_thread.run(new_page, viewport={"width": 1440, "height": 900}, color_scheme="light")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run the body of a browser test in the browser's thread."""
    names = set(pyfuncitem.fixturenames)
    if names & BROWSER_FIXTURES:
        if names & {"db", "transactional_db"} or pyfuncitem.get_closest_marker("django_db"):
            pytest.fail(
                "a browser test runs beside the database: let the site, a fixture or a command touch it"
            )
        thread: BrowserThread = pyfuncitem._request.getfixturevalue("browser_thread")
        body = pyfuncitem.obj
        pyfuncitem.obj = lambda **keywords: thread.run(body, **keywords)
        try:
            return (yield)
        finally:
            pyfuncitem.obj = body
    return (yield)


def chromium_program() -> str:
    """Return the path of an installed Chromium, of the one without windows if there is a choice."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("Chromium is missing: run bin/_services.py")


def kill_browsers() -> None:
    """End every Chromium of this test process: what waits for one in the browser's thread then fails.

    A test that takes too long fails in the main thread alone. While its body still waits in the browser's thread, every
    later browser test would wait behind it.
    """
    for process in processes.descendants_of(os.getpid()):
        if "chrom" in processes.command_line(process).partition(" ")[0]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
