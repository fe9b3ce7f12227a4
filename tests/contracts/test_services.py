"""The private services that other tests build on."""

from __future__ import annotations

import http.server
import threading
import urllib.parse
from collections.abc import Iterator

import psycopg2
import pytest
import redis
from django.db import connection
from playwright.sync_api import Page
from pytest_socket import SocketConnectBlockedError

from tests.services.browser import Pages

HTML = """<!doctype html><title>Hello</title><link rel="icon" href="data:,"><main>Good day</main>"""


def test_each_database_is_new_and_empty(postgres_url: str) -> None:
    with psycopg2.connect(postgres_url.replace("postgres://", "postgresql://")) as database:
        cursor = database.cursor()
        cursor.execute("select count(*) from pg_tables where schemaname = 'public'")
        assert cursor.fetchone() == (0,)
    database.close()


@pytest.mark.parametrize("_time", [1, 2])
def test_redis_is_empty_for_every_test(redis_url: str, _time: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("left over") is None
        client.set("left over", "1")


def test_nothing_beyond_this_machine_can_be_reached() -> None:
    import socket

    with (
        socket.socket() as probe,
        pytest.raises(SocketConnectBlockedError),
        pytest.warns(UserWarning, match="A test tried"),
    ):
        probe.connect(("192.0.2.1", 80))


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one page under a strict policy."""

    extra = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; img-src data:")
        self.end_headers()
        self.wfile.write((HTML + urllib.parse.unquote(self.path.partition("?")[2])).encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_browser_reads_a_page(page: Page, address: str) -> None:
    page.goto(address)
    assert page.inner_text("main") == "Good day"


def test_the_browser_hears_what_the_policy_refuses(new_page: Pages, address: str) -> None:
    page = new_page()
    new_page.expect_error("inline script")
    new_page.expect_error("CSP: script-src-elem refused inline")
    page.goto(address + "?<script>1</script>")
    page.wait_for_timeout(200)
    assert [line for line in new_page.errors if line.startswith("CSP: script-src-elem refused inline")]


def test_a_picture_size_and_a_dark_page_can_be_asked_for(new_page: Pages, address: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(address)
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [390, True]


@pytest.mark.django_db
def test_the_database_works_in_the_process_that_drives_the_browser(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("browser")
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)
