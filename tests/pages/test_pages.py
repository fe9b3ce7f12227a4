"""The front page, the choice of theme and the pages for when something went wrong."""

from __future__ import annotations

import pytest
from allauth.core.ratelimit import respond_429
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from billing.ledger.reading import balance
from image2.website import gallery, pages
from tests.pages.colours import STATIC

pytestmark = pytest.mark.django_db


def test_the_front_page_says_what_a_picture_costs(client: Client) -> None:
    html = client.get("/").content.decode()

    assert "3840×2160" in html
    assert "4 credits" in html


def test_words_typed_on_the_front_page_wait_until_the_person_has_signed_up(client: Client) -> None:
    response = client.post("/start/", {"prompt": "a red sailboat at sunset"})

    assert response.status_code == 302
    assert response["Location"] == "/accounts/signup/?next=%2Fcreate%2F"
    assert client.session["create"]["prompt"] == "a red sailboat at sunset"


def test_a_picture_on_the_front_page_is_one_that_is_there() -> None:
    for picture in gallery.pictures():
        assert (STATIC / picture.file).is_file()


def test_the_theme_is_kept_in_the_browser_and_drawn_by_the_server(client: Client) -> None:
    client.post("/theme/", {"theme": "dark"})

    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_the_choice_goes_with_a_person_to_their_next_browser(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/theme/", {"theme": "light"})
    other = Client()
    other.force_login(alice)

    assert 'data-theme="light"' in other.get("/").content.decode()


def test_the_settings_page_and_the_menu_choose_the_same_theme(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/theme/", {"theme": "light"})
    client.post("/account/preferences/", {"theme": "dark", "format": "png"})

    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_a_theme_that_does_not_exist_is_refused(client: Client) -> None:
    assert client.post("/theme/", {"theme": "pink"}).status_code == 400


def test_after_choosing_a_theme_nobody_is_sent_to_another_site(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark"}, HTTP_REFERER="https://elsewhere.example/")

    assert response["Location"] == "/"


def test_the_balance_stands_in_the_header(client: Client, alice: User) -> None:
    client.force_login(alice)

    html = client.get("/").content.decode()

    assert f"<span>{balance(alice).available:,}" in html


def test_an_address_that_leads_nowhere_says_what_to_do(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


@pytest.mark.parametrize(("view", "status"), [(pages.bad_request, 400), (pages.forbidden, 403)])
def test_a_refusal_is_a_page_too(view: object, status: int, rf: RequestFactory) -> None:
    response = view(rf.get("/"), PermissionDenied())  # type: ignore[operator]

    assert response.status_code == status
    assert "<h1>" in response.content.decode()


def test_trying_too_often_means_waiting(rf: RequestFactory) -> None:
    response = respond_429(rf.get("/accounts/login/"))

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Too many attempts" in response.content.decode()


def test_a_broken_server_says_so_without_asking_the_database(
    rf: RequestFactory, django_assert_num_queries: object
) -> None:
    request = rf.get("/")
    request.request_id = "0190-abc"  # type: ignore[attr-defined]

    with django_assert_num_queries(0):  # type: ignore[operator]
        response = pages.server_error(request)

    assert response.status_code == 500
    assert "0190-abc" in response.content.decode()


def test_the_front_page_of_nobody_asks_the_database_nothing(
    client: Client, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get(reverse("landing"))


def test_a_form_from_a_stale_page_is_refused_with_a_way_on() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/theme/", {"theme": "dark"})

    assert response.status_code == 403
    assert "Your browser sent no cookie" in response.content.decode()
