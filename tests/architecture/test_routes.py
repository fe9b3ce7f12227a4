"""Every route × {anonymous, stranger, owner, staff}, read from the URLconf: a route without a policy fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from image2.lib.http.access import Caller, DeclaredCallerMiddleware, caller_of, dotted_name
from tests.architecture.owned import names_a_row, parameters, url_of
from tests.factories import log_in_staff, make_person

Route = tuple[str, str, URLPattern]


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "/", namespace: str = "") -> Iterator[Route]:
    """Yield (name with namespaces, text of the pattern, pattern) of every route."""
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, text, inner)
        else:
            yield f"{namespace}{pattern.name}", text, pattern


ROUTES = list(walk(get_resolver().url_patterns))
ADMIN_LOG_IN = "admin:login"


def named(caller: Caller) -> list[object]:
    return [pytest.param(*route, id=route[0]) for route in ROUTES if caller_of(route[2].callback) is caller]


def call(client: Client, url: str) -> HttpResponse:
    """GET, or POST where a route takes nothing else."""
    response = client.get(url)
    return client.post(url) if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED else response  # type: ignore[return-value]


def client_of(user: User) -> Client:
    client = Client()
    if user.is_staff:
        return log_in_staff(client, user)
    client.force_login(user)
    return client


def test_every_route_declares_who_may_call_it() -> None:
    forgotten = [
        (name, dotted_name(pattern.callback))
        for name, _text, pattern in ROUTES
        if not caller_of(pattern.callback)
    ]

    assert ROUTES
    assert forgotten == [], "decorate them with @allow(Caller.…)"


def test_a_view_that_declares_nobody_is_refused(alice: User) -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    request = RequestFactory().get("/")
    request.user = alice
    middleware = DeclaredCallerMiddleware(lambda _request: HttpResponse())

    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        middleware.process_view(request, forgotten, [], {})


@pytest.mark.parametrize(("name", "text", "pattern"), named(Caller.PERSON))
def test_anonymous_people_are_asked_to_log_in(
    name: str, text: str, pattern: URLPattern, client: Client, alice: User
) -> None:
    url = url_of(name, text, pattern, alice)

    for response in (client.get(url), client.post(url)):
        assert response.status_code == HTTPStatus.FOUND
        assert response.headers["Location"].startswith("/accounts/login/?next=/")

    # What a page fetches by itself never leads it away: a fragment, a stream, a picture within it.
    for in_passing in ({"hx-request": "true"}, {"sec-fetch-mode": "cors"}, {"sec-fetch-mode": "no-cors"}):
        answer = client.get(url, headers=in_passing)
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert not {"Location", "HX-Redirect"} & set(answer.headers)


def test_after_logging_in_a_person_is_back_on_the_page_that_held_the_form(client: Client) -> None:
    for page, back in [
        ("http://testserver/account/?a=1#b", "/account/%3Fa%3D1"),
        ("http://elsewhere.example/account/", "/"),
        ("", "/"),
    ]:
        response = client.post("/account/profile/", headers={"referer": page} if page else {})
        assert response.headers["Location"] == f"/accounts/login/?next={back}"


@pytest.mark.parametrize(
    ("name", "text", "pattern"),
    [
        pytest.param(*route, id=route[0])
        for route in ROUTES
        if caller_of(route[2].callback) is Caller.PERSON and names_a_row(route[0], route[1])
    ],
)
def test_a_stranger_and_staff_find_nothing_where_the_owner_does(
    name: str, text: str, pattern: URLPattern, alice: User, bob: User, carol: User
) -> None:
    url = url_of(name, text, pattern, alice)

    for stranger in (bob, carol):
        assert call(client_of(stranger), url).status_code in NOTHING.get(name, {HTTPStatus.NOT_FOUND})

    found = call(client_of(alice), url)
    assert found.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert found.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)


# Asked for the password before anything is looked up: a stranger learns nothing from the last two either.
NOTHING = {
    # Other people's and deleted things get the same answer, which reveals nothing.
    "generation:picture-delete": {HTTPStatus.FOUND},
    "generation:trash-undo": {HTTPStatus.FOUND},
    "accounts:end_session": {HTTPStatus.FOUND},
    "accounts:remove_browser": {HTTPStatus.FOUND},
    "socialaccount_disconnect": {HTTPStatus.FOUND},
    "generation:upload-delete": {HTTPStatus.FOUND},
    "generation:upload-undo": {HTTPStatus.FOUND},
    "editor:purge": {HTTPStatus.FOUND},
    "mfa_remove_webauthn": {HTTPStatus.NOT_FOUND, HTTPStatus.FOUND},
    "mfa_edit_webauthn": {HTTPStatus.NOT_FOUND, HTTPStatus.FOUND},
}


@pytest.mark.parametrize(
    ("name", "text", "pattern"),
    [route for route in named(Caller.STAFF) if not parameters(route.values[1])],  # type: ignore[attr-defined]
)
def test_the_operators_pages_do_not_exist_for_others(
    name: str, text: str, pattern: URLPattern, client: Client, bob: User, carol: User
) -> None:
    from django.urls import reverse

    url = text if name.endswith("None") else reverse(name)
    for visitor in (client, client_of(bob)):
        assert visitor.get(url).status_code == HTTPStatus.NOT_FOUND
        assert visitor.post(url).status_code == HTTPStatus.NOT_FOUND

    assert client_of(carol).get(url).status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    ("name", "text", "pattern"),
    [pytest.param(*route, id=route[0]) for route in ROUTES if caller_of(route[2].callback) is Caller.STAFF],
)
def test_a_password_alone_opens_none_of_the_operators_pages(
    name: str, text: str, pattern: URLPattern, client: Client, alice: User
) -> None:
    client.force_login(make_person("Sam", is_staff=True, is_superuser=True))
    url = re.sub(r"<[^>]*>", str(alice.pk), text)
    url = url.replace("(?P<url>.*)$", "").replace("^", "")
    if "content_type_id" in text or "<int:" in text:
        url = re.sub(r"<[^>]*>", "1", text)
    for response in (client.get(url), client.post(url)):
        assert (response.status_code, response.headers.get("Location")) == (
            HTTPStatus.FOUND,
            "/accounts/2fa/",
        ), url


def test_the_operators_log_in_page_leads_to_everybodys(client: Client, bob: User) -> None:
    assert client.get("/admin/login/").headers["Location"] == "/accounts/login/?next=/admin/"
    assert client_of(bob).get("/admin/login/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(("name", "text", "pattern"), named(Caller.ANYONE))
def test_what_anybody_may_call_answers_everybody(
    name: str, text: str, pattern: URLPattern, client: Client, alice: User
) -> None:
    url = url_of(name, text, pattern, alice)

    for visitor in (client, client_of(alice)):
        assert call(visitor, url).status_code < HTTPStatus.INTERNAL_SERVER_ERROR or name == "readyz"
