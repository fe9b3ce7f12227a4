"""The walk in containers is asked for by name (bin/test --containers): it builds images, which takes minutes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.containers.podman import Podman
from tests.containers.stack import Stack
from tests.services.browser import BrowserThread, Pages

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


@pytest.fixture
def https_page(new_page: Pages, browser_thread: BrowserThread) -> object:
    """A page that takes the proxy's certificate, which nobody vouches for."""
    options = {"viewport": {"width": 1440, "height": 900}, "ignore_https_errors": True}
    return browser_thread.run(new_page, **options)
