"""The kernels in both builds, the server of the editor's page, and alice's browser."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from editor.replay.engine import Kernels
from generation.requests import catalogue
from tests.editor.page_server import PageServer
from tests.generation.conftest import tiny_folder, tiny_model
from tests.services.browser import Pages

__all__ = ["tiny_folder", "tiny_model"]  # its fixtures

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["simd", "scalar"])
def kernels(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    with Kernels(simd=request.param == "simd") as running:
        yield running


@pytest.fixture
def quick_model(tiny_model: None) -> None:
    """The tiny pipeline with as few steps as there can be: an order says no steps."""
    file = Path(os.environ["IMAGE2_CATALOGUE"])
    file.write_text(
        file.read_text().replace("[models.bundled]\n", "[models.bundled]\ndefault_steps = 4\n", 1)
    )
    catalogue.reload()


@pytest.fixture
def hers(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def server() -> Iterator[PageServer]:
    running = PageServer()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def offline_is_no_error(request: pytest.FixtureRequest) -> None:
    """Chromium writes each refused call to the console; the tests ask for them."""
    if "page" in request.fixturenames or "new_page" in request.fixturenames:
        pages: Pages = request.getfixturevalue("new_page")
        for status in ("503", "409", "422"):
            pages.expect_error(f"the server responded with a status of {status}")


@pytest.fixture
def served() -> Iterator[str]:
    """The files of the repository, on a page without a policy."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map = {".wasm": "application/wasm", ".mjs": "text/javascript", ".json": "application/json"}

        def log_message(self, format: str, *_args: Any) -> None:  # noqa: A002  (the name is the library's)
            pass

        def do_GET(self) -> None:
            if self.path != "/":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>kernels</title><link rel=icon href='data:,'>")
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
