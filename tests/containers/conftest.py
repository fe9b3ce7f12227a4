"""The walk in containers is asked for by name (bin/test --containers): it builds images, which takes minutes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.containers.podman import Podman
from tests.containers.stack import Stack
from tests.services.browser import BrowserThread, Chromium

collect_ignore_glob = [] if os.environ.get("IMAGE2_TEST_CONTAINERS", "") == "yes" else ["test_*.py"]


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """A podman of this run's own."""
    own = Podman()
    own.remove_containers()  # of a run that was killed, in a kept folder
    yield own
    own.remove()


@pytest.fixture(scope="session")
def stack(podman: Podman) -> Iterator[Stack]:
    """The site of docker-compose.yml, built, started and healthy."""
    running = Stack(podman)
    try:
        running.build()
        running.start()
        running.wait_until_ready()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="session")
def browser(browser_thread: BrowserThread, stack: Stack) -> Iterator[Chromium]:
    """A Chromium that trusts the proxy's certificate, as everybody's trusts an operator's.

    Playwright's ``ignore_https_errors`` holds for pages alone: what a link marked ``download`` asks for is cancelled.
    """
    chromium = Chromium(f"--ignore-certificate-errors-spki-list={stack.https.key_hash}")
    yield chromium
    browser_thread.run(chromium.close)
