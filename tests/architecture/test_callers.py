"""Every route × everybody who may try it, by one table; and what is streamed or sent as a file, in every way to ask.

test_routes.py tells who is asked to log in and what strangers find; here the same routes meet people whose account is
restricted or closed, staff without a permission, and requests for parts of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse

from accounts.models import User
from accounts.people import closing, restriction
from image2.lib.http.access import Caller, caller_of
from tests.architecture import owned
from tests.architecture.owned import names_a_row, url_of
from tests.architecture.test_routes import NOTHING, ROUTES, call
from tests.factories import log_in_staff, make_person

pytestmark = pytest.mark.django_db

OK_ISH: Final = "answers"  # anything but a refusal or a fault
LOG_IN: Final = "log in"
NOTHING_THERE: Final = "nothing"
REFUSED: Final = "refused"

# Who calls a route, by what its view declares, and what becomes of it.
TABLE: Final[dict[Caller, dict[str, str]]] = {
    Caller.ANYONE: dict.fromkeys(
        ("visitor", "stranger", "owner", "restricted", "closed", "staff without rights", "operator"), OK_ISH
    ),
    Caller.PERSON: {
        "visitor": LOG_IN,
        "stranger": NOTHING_THERE,
        "owner": OK_ISH,
        "restricted": OK_ISH,
        "closed": LOG_IN,
        "staff without rights": NOTHING_THERE,
        "operator": NOTHING_THERE,
    },
    Caller.STAFF: {
        "visitor": NOTHING_THERE,
        "stranger": NOTHING_THERE,
        "owner": NOTHING_THERE,
        "restricted": NOTHING_THERE,
        "closed": NOTHING_THERE,
        "staff without rights": REFUSED,
        "operator": OK_ISH,
    },
}
# What stands behind them isn't there in a test: a worker, Stripe.
AWAY: Final = {"readyz", "billing:portal"}
OTHERS: Final = {"visitor", "stranger", "closed", "staff without rights", "operator"}
# A member of staff without any permission sees the frame of the admin and nothing in it.
FRAME: Final = {
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:jsi18n",
    "admin:password_change",
    "admin:app_list",
}
FRAME_TOO: Final = {"admin:password_change_done", "admin:view_on_site", "admin:autocomplete", "admin:None"}


@pytest.fixture
def callers(alice: User, bob: User, carol: User) -> dict[str, Client]:
    """Browsers of everybody. alice owns what is asked for, in three states of her account (`in_state`)."""
    dora = make_person("Dora", is_staff=True)
    browsers = {name: Client() for name in TABLE[Caller.PERSON]}
    for name in ("owner", "restricted", "closed"):
        browsers[name].force_login(alice)
    browsers["stranger"].force_login(bob)
    log_in_staff(browsers["staff without rights"], dora)
    log_in_staff(browsers["operator"], carol)
    return browsers


def in_state(name: str, alice: User) -> None:
    if name == "restricted":
        restriction.begin(user=alice, request=RequestFactory().get("/"))
    elif name == "closed":
        closing.close(alice)


def address_of(name: str, text: str, pattern: URLPattern, alice: User, declared: Caller) -> str:
    if declared is not Caller.STAFF:
        return url_of(name, text, pattern, alice)
    # The admin's numbers lead nowhere: who may not see its pages hears nothing about that either.
    url = re.sub(r"<int:[^>]*>", "1", text)
    return re.sub(r"<[^>]*>", str(alice.pk), url).replace("(?P<url>.*)$", "").replace("^", "")


def fits(caller: str, expected: str, response: HttpResponse, route: str, *, has_row: bool) -> bool:
    status = response.status_code
    if expected == OK_ISH and has_row and caller in OTHERS:
        return status in {HTTPStatus.FOUND, HTTPStatus.NOT_FOUND}  # a ticket, which visitors have too
    if expected == LOG_IN:
        return status == HTTPStatus.FOUND and response["Location"].startswith("/accounts/login/")
    if expected == NOTHING_THERE and (has_row or route.startswith("admin:")):
        return status in {HTTPStatus.NOT_FOUND, *NOTHING.get(route, ())}
    if expected == REFUSED and route not in FRAME | FRAME_TOO:
        return status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND}
    return status < HTTPStatus.INTERNAL_SERVER_ERROR or route in AWAY


@pytest.mark.long
@pytest.mark.parametrize("declared", list(TABLE), ids=str)
def test_each_route_answers_each_caller_as_the_table_says(
    declared: Caller, callers: dict[str, Client], alice: User
) -> None:
    wrong = []
    cookies = {name: deepcopy(browser.cookies) for name, browser in callers.items()}
    for route, text, pattern in ROUTES:
        if caller_of(pattern.callback) is not declared or route == "generation:job-stream":
            continue
        has_row = names_a_row(route, text)
        with transaction.atomic():
            url = address_of(route, text, pattern, User.objects.get(pk=alice.pk), declared)
            for caller, expected in TABLE[declared].items():
                callers[caller].cookies = deepcopy(cookies[caller])
                with transaction.atomic():
                    in_state(caller, User.objects.get(pk=alice.pk))
                    response = call(callers[caller], url)
                    transaction.set_rollback(True)
                if not fits(caller, expected, response, route, has_row=has_row):
                    wrong.append((route, caller, response.status_code, response.get("Location", "")))
            transaction.set_rollback(True)
    assert wrong == []


def test_machines_prove_themselves(callers: dict[str, Client]) -> None:
    routes = [
        (route, pattern) for route, _text, pattern in ROUTES if caller_of(pattern.callback) is Caller.MACHINE
    ]
    refused = {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNAUTHORIZED,
    }
    wrong = [
        (route, caller)
        for route, _pattern in routes
        for caller, client in callers.items()
        if not {client.get(reverse(route)).status_code, client.post(reverse(route)).status_code} <= refused
    ]
    assert wrong == []
    assert routes


def test_nothing_is_changed_without_the_token_of_a_form(alice: User, carol: User) -> None:
    hers, visitor, operators = (Client(enforce_csrf_checks=True) for _each in range(3))
    hers.force_login(alice)
    log_in_staff(operators, carol)
    clients = {Caller.ANYONE: visitor, Caller.PERSON: hers, Caller.STAFF: operators}
    wrong = []
    for route, text, pattern in ROUTES:
        declared = caller_of(pattern.callback)
        if declared in clients:
            with transaction.atomic():
                url = address_of(route, text, pattern, User.objects.get(pk=alice.pk), declared)
                status = clients[declared].post(url).status_code
                transaction.set_rollback(True)
            if status != HTTPStatus.FORBIDDEN:
                wrong.append((route, status))
    assert wrong == []


# --- files, in every way to ask for them -----------------------------------------------------------------


def a_file(alice: User) -> str:
    return reverse("generation:file", args=[owned.a_file(alice)])


def of_a_picture(alice: User) -> str:
    return reverse("generation:picture-file", args=[owned.a_picture(alice), "master"])


def of_an_upload(alice: User) -> str:
    return reverse("generation:upload-file", args=[owned.an_upload(alice), "master"])


def a_download(alice: User) -> str:
    return reverse("generation:download", args=[owned.a_picture(alice), "png"])


def a_preview(alice: User) -> str:
    return reverse("generation:preview", args=[owned.a_job(alice), 0, 1])


def an_asset(alice: User) -> str:
    return owned.url_of_a_part("editor:asset", alice)


def a_thumbnail(alice: User) -> str:
    return owned.url_of_a_part("editor:thumbnail", alice)


def a_part_of_a_copy(alice: User) -> str:
    return reverse("privacy:export_part", args=[owned.a_copy_of_the_data(alice), 1])


def lines_of_credits(_alice: User) -> str:
    return reverse("billing:lines-csv")


FILES: Final[tuple[Callable[[User], str], ...]] = (
    *(a_file, of_a_picture, of_an_upload, a_download, a_preview, an_asset, a_thumbnail),
    a_part_of_a_copy,
)
ASKED: Final[dict[str, dict[str, str]]] = {
    "whole": {},
    "a part": {"Range": "bytes=0-3"},
    "the end": {"Range": "bytes=-2"},
    "parts": {"Range": "bytes=0-1,3-4"},
    "as a picture within a page": {"Sec-Fetch-Mode": "no-cors"},
    "by a script": {"Sec-Fetch-Mode": "cors"},
}


@pytest.mark.parametrize("make", FILES)
def test_a_file_is_its_owners_in_every_way_to_ask(
    make: Callable[[User], str], callers: dict[str, Client], alice: User
) -> None:
    with transaction.atomic():
        url = make(alice)
        if make is a_part_of_a_copy:  # asked again who it is; test_export.py walks that way
            assert callers["owner"].get(url).status_code == HTTPStatus.FOUND
            etag = '"x"'
        else:
            found = callers["owner"].get(url)
            assert found.status_code == HTTPStatus.OK
            etag = found.get("ETag", '"x"')
        ways = ASKED | {"unchanged": {"If-None-Match": etag}, "any version": {"If-None-Match": "*"}}
        wrong = []
        for caller in ("stranger", "staff without rights", "operator"):
            for way, headers in ways.items():
                for method in (callers[caller].get, callers[caller].head):
                    response: Any = method(url, headers=headers)
                    told = {"ETag", "Content-Range", "Content-Disposition", "Accept-Ranges"} & set(
                        response.headers
                    )
                    if response.status_code != HTTPStatus.NOT_FOUND or told:
                        wrong.append((caller, way, response.status_code, told))
        for caller in ("visitor", "closed"):
            in_state(caller, alice)
            for way, headers in ways.items():
                response = callers[caller].get(url, headers=headers)
                by_page = headers.get("Sec-Fetch-Mode") is None
                right = HTTPStatus.FOUND if by_page else HTTPStatus.UNAUTHORIZED
                if response.status_code != right or "ETag" in response.headers:
                    wrong.append((caller, way, response.status_code, set()))
        transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.parametrize("make", FILES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_file_is_read_and_nothing_else(
    make: Callable[[User], str], method: str, callers: dict[str, Client], alice: User
) -> None:
    url = make(alice)
    answered = callers["owner"].generic(method, url).status_code
    assert answered in {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND, HTTPStatus.FOUND}
