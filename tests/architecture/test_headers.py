"""Every page under the strict content security policy: the headers are there, and the page needs no exception."""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import User
from image2.lib.http.access import Caller, caller_of
from tests.architecture.owned import url_of
from tests.architecture.test_routes import ROUTES, client_of

STREAMS = {"generation:job-stream"}  # do not end by themselves
ENDING = [route for route in ROUTES if route[0] not in STREAMS]
OURS = [
    pytest.param(*route, id=route[0])
    for route in ENDING
    if caller_of(route[2].callback) in {Caller.ANYONE, Caller.PERSON}
]
OPERATORS = [
    pytest.param(*route, id=route[0])
    for route in ENDING
    if caller_of(route[2].callback) is Caller.STAFF and "<" not in route[1]
]


class Inline(HTMLParser):
    """Collects what the policy would block: inline styles, inline scripts without a nonce, handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "style":
            self.found.append("<style>")
        is_data = given.get("type") in ("application/json", "importmap", "speculationrules")
        if tag == "script" and "src" not in given and not is_data and not given.get("nonce"):
            self.found.append("<script> without a nonce")
        for name in ("src", "href"):
            address = given.get(name) or ""
            is_resource = tag in ("script", "img", "link", "iframe")
            if is_resource and address.startswith(("http:", "https:", "//")):
                self.found.append(f"<{tag} {name}={address}>")
        if (given.get("href") or "").startswith("javascript:"):
            self.found.append("javascript: link")


def policy_of(header: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in header.split(";") if part.strip())}


def assert_strict(client: Client, url: str) -> None:
    response = client.get(url)
    policy = policy_of(response.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    # A file is sandboxed instead: no page, no base, no script at all.
    assert "sandbox" in policy or policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    for name, sources in policy.items():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(sources), name
    assert "data:" not in policy.get("script-src", [])
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "camera=()" in response.headers["Permissions-Policy"]
    if response.headers["Content-Type"].startswith("text/html") and not response.streaming:
        inline = Inline()
        inline.feed(response.text)
        assert inline.found == []


@pytest.mark.parametrize(("name", "text", "pattern"), OURS)
@pytest.mark.few(60)
def test_pages_are_strict_for_nobody_and_for_somebody(
    name: str, text: str, pattern: URLPattern, client: Client, alice: User
) -> None:
    url = url_of(name, text, pattern, alice)
    assert_strict(client, url)
    assert_strict(client_of(alice), url)


@pytest.mark.parametrize(("name", "text", "pattern"), OPERATORS)
def test_the_operators_pages_are_strict(name: str, text: str, pattern: URLPattern, carol: User) -> None:
    from django.urls import reverse

    assert_strict(client_of(carol), text if name.endswith("None") else reverse(name))


@pytest.mark.parametrize("path", ["/nothing/here/", "/accounts/nothing/", "/pictures/not-an-id/"])
def test_a_page_that_does_not_exist_is_strict_too(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    assert_strict(client, path)


def test_what_one_person_sees_is_not_kept_for_others(alice: User) -> None:
    cache_control = client_of(alice).get("/account/").headers["Cache-Control"]

    assert "private" in cache_control or "no-store" in cache_control


def test_a_request_id_is_sent_back_and_a_strange_one_is_replaced(client: Client, db: None) -> None:
    assert (
        client.get("/privacy/", headers={"x-request-id": "abcdef-123456"}).headers["X-Request-ID"]
        == "abcdef-123456"
    )
    strange = "x\x0d\x0aSet-Cookie: a=b"
    assert client.get("/privacy/", headers={"x-request-id": strange}).headers["X-Request-ID"] != strange
