"""What ends something can be done twice, from two tabs say: the second time says that it is done, and goes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.models import User
from generation.models import Picture
from image2.lib.http.access import Caller, caller_of
from tests.architecture.owned import a_picture, names_a_row, url_of
from tests.architecture.test_routes import ROUTES
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# Of somebody's own things; those that only show something refuse a POST.
OWNED = [
    pytest.param(*route, id=route[0])
    for route in ROUTES
    if caller_of(route[2].callback) is Caller.PERSON and names_a_row(route[0], route[1])
]


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    """Signed in, and asked for the password just now."""
    client.force_login(alice)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.mark.parametrize(("name", "text", "pattern"), OWNED)
def test_a_post_that_was_taken_is_taken_again(
    name: str, text: str, pattern: URLPattern, hers: Client, alice: User
) -> None:
    url = url_of(name, text, pattern, alice)

    first = hers.post(url)
    if first.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return
    assert first.status_code < HTTPStatus.BAD_REQUEST or first.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    second = hers.post(url)
    assert second.status_code == first.status_code
    assert second.headers.get("Location") == first.headers.get("Location")


def test_a_picture_that_another_tab_deleted_for_good_is_as_deleted_as_it_can_be(
    hers: Client, alice: User, bob: User
) -> None:
    for picture in (a_picture(alice), a_picture(bob)):
        if Picture.objects.get(pk=picture).owner == alice:
            Picture.objects.filter(pk=picture).delete()
        url = reverse("generation:picture-delete", args=[picture])

        page = hers.post(url, follow=True)
        assert page.redirect_chain == [("/history/", HTTPStatus.FOUND)]
        assert "This picture is already deleted." in page.text
        fragment = hers.post(url, headers={"hx-request": "true"})
        assert (fragment.status_code, fragment.content) == (HTTPStatus.OK, b"")
        assert "already deleted" in fragment.headers["HX-Trigger"]
    assert Picture.objects.get(owner=bob).deleted_at is None


def test_restoring_twice_and_undoing_twice_say_so(hers: Client, alice: User) -> None:
    picture = a_picture(alice, deleted_at=timezone.now())
    for _tab in range(2):
        _said(hers.post(reverse("generation:picture-restore", args=[picture]), follow=True), "Restored.")
    nothing_left = "already restored, or permanently deleted."
    _said(hers.post(reverse("generation:trash-undo", args=[1]), follow=True), nothing_left)


def test_a_second_factor_is_removed_once_and_said_twice(hers: Client, alice: User) -> None:
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Key", "credential": {}})
    for address, sentence in [
        (reverse("mfa_remove_webauthn", args=[key.pk]), "This passkey is already removed."),
        (reverse("mfa_deactivate_totp"), "The authenticator app is already removed."),
        (reverse("accounts:end_session", args=[10**9]), "That device was already logged out."),
    ]:
        if "webauthn" in address:
            assert hers.post(address).status_code == HTTPStatus.FOUND
        _said(hers.post(address, follow=True), sentence)
    assert not Authenticator.objects.filter(user=alice, type="webauthn").exists()


def _said(response: Any, sentence: str) -> None:
    assert response.status_code == HTTPStatus.OK
    assert sentence in response.text
