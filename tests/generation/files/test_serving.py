"""Files are served to their owner only, with headers that allow viewing and nothing else."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client

from accounts.models import User
from generation.files import ranges, serving, storing
from generation.models import File, Picture
from generation.pictures import trash
from image2.lib.ids import new_id
from tests.generation.files import specimens
from tests.generation.files.conftest import NewPicture, ingest

pytestmark = pytest.mark.django_db

LARGE = bytes(range(256)) * 4000


def address(picture: Picture, role: str = "master") -> str:
    return f"/files/picture/{picture.pk}/{role}"


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


SignIn = Callable[[User], Client]


@pytest.fixture
def large(alice: User, new_picture: NewPicture, local_storage: Path) -> Picture:
    """A picture whose master is a megabyte of known bytes."""
    picture = new_picture(alice)
    picture.files.filter(role="master").delete()
    rendition = storing.store_rendition(
        LARGE, role=File.Role.MASTER, form="png", width=9, height=9, attempt="1", variant=File.PLAIN
    )
    storing.publish(picture, storing.StoredPicture((rendition,)))
    return picture


def body(response: Any) -> bytes:
    return bytes(response.getvalue())


def test_the_owner_sees_every_file_of_a_picture(
    alice: User, new_picture: NewPicture, local_storage: Path, signed_in: SignIn
) -> None:
    picture, client = new_picture(alice), signed_in(alice)
    for file in picture.files.all():
        for path in (address(picture, file.role), f"/files/{file.pk}"):
            response = client.get(path)
            assert response.status_code == 200
            assert body(response) == (local_storage / file.key).read_bytes()
            assert response["Content-Type"] == ("image/png" if file.role == "master" else "image/webp")
            assert response["Content-Length"] == str(file.bytes)


def test_a_file_can_be_looked_at_and_nothing_else(
    alice: User, new_picture: NewPicture, local_storage: Path, signed_in: SignIn
) -> None:
    response = signed_in(alice).get(address(new_picture(alice)))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Disposition"] == "inline"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Cookie" in response["Vary"]


def test_strangers_and_staff_get_404(
    alice: User, bob: User, carol: User, new_picture: NewPicture, local_storage: Path, client: Client
) -> None:
    picture, upload = new_picture(alice), ingest(alice, specimens.encoded(specimens.drawing(), "PNG"))
    paths = [address(picture), f"/files/upload/{upload.pk}/master", f"/files/upload/{upload.pk}/original"]
    paths += [f"/files/{file.pk}" for file in File.objects.all()]
    paths += [f"/files/picture/{picture.pk}/download/png"]
    for somebody in (bob, carol):
        client.force_login(somebody)
        for path in paths:
            assert client.get(path).status_code == 404
        assert client.get(f"/files/picture/{new_id()}/master").status_code == 404
        assert client.get("/files/999999999").status_code == 404
    assert not File.objects.filter(role="download").exists()


def test_anonymous_people_are_sent_to_the_login_page(
    alice: User, new_picture: NewPicture, local_storage: Path, client: Client
) -> None:
    picture = new_picture(alice)
    for path in (
        address(picture),
        f"/files/picture/{new_id()}/master",
        f"/files/picture/{picture.pk}/download/png",
    ):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_picture_in_the_trash_is_shown_small_and_cannot_be_downloaded(
    alice: User, new_picture: NewPicture, local_storage: Path, signed_in: SignIn
) -> None:
    picture, client = new_picture(alice), signed_in(alice)
    trash.delete(user=alice, pictures=[picture.pk])
    assert client.get(address(picture, "thumb256")).status_code == 200
    for path in (address(picture), f"/files/picture/{picture.pk}/download/jpeg"):
        assert client.get(path).status_code == 404
    trash.restore(user=alice, pictures=[picture.pk])
    assert client.get(address(picture)).status_code == 200


def test_an_upload_is_seen_by_its_owner(alice: User, local_storage: Path, signed_in: SignIn) -> None:
    upload, client = ingest(alice, specimens.encoded(specimens.drawing(), "JPEG")), signed_in(alice)
    assert client.get(f"/files/upload/{upload.pk}/thumb256")["Content-Type"] == "image/webp"
    assert client.get(f"/files/upload/{upload.pk}/master")["Content-Disposition"] == "inline"
    assert client.get(f"/files/upload/{upload.pk}/original").status_code == 404
    trash.delete_uploads(user=alice, uploads=[upload.pk])
    assert client.get(f"/files/upload/{upload.pk}/master").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/0",
        "/files/-1",
        "/files/1.5",
        "/files/99999999999999999999",
        "/files/picture/x/master",
        "/files/../secret_key",
    ],
)
def test_invalid_urls_are_404(alice: User, local_storage: Path, signed_in: SignIn, path: str) -> None:
    assert signed_in(alice).get(path).status_code == 404


def test_only_reading_is_allowed(
    alice: User, new_picture: NewPicture, local_storage: Path, signed_in: SignIn
) -> None:
    picture, client = new_picture(alice), signed_in(alice)
    for method in (client.post, client.put, client.delete):
        assert method(address(picture)).status_code == 405
    head = client.head(address(picture))
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(picture.files.get(role="master").bytes)


def test_a_browser_that_has_the_file_is_not_sent_it_again(
    large: Picture, alice: User, signed_in: SignIn
) -> None:
    client = signed_in(alice)
    tag = client.head(address(large))["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(address(large), headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == tag
    assert body(client.get(address(large), headers={"If-None-Match": '"other"'})) == LARGE


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-", 1000, len(LARGE) - 1),
        ("bytes=-100", len(LARGE) - 100, len(LARGE) - 1),
        ("bytes=5-99999999999", 5, len(LARGE) - 1),
        ("bytes=-99999999999", 0, len(LARGE) - 1),
        ("bytes=0-700000", 0, 700_000),
    ],
)
def test_a_range_is_sent_as_it_is_asked_for(
    large: Picture, alice: User, signed_in: SignIn, asked: str, first: int, last: int
) -> None:
    response = signed_in(alice).get(address(large), headers={"Range": asked})
    assert response.status_code == 206
    assert body(response) == LARGE[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(LARGE)}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "asked", ["bytes=1-2,4-5", "bytes=9-3", "bytes=-", "bytes=a-b", "rows=1-2", "bytes=٣-٤"]
)
def test_an_invalid_range_gives_the_whole_file(
    large: Picture, alice: User, signed_in: SignIn, asked: str
) -> None:
    response = signed_in(alice).get(address(large), headers={"Range": asked})
    assert (response.status_code, body(response)) == (200, LARGE)


@pytest.mark.parametrize("asked", [f"bytes={len(LARGE)}-", "bytes=-0", "bytes=99999999999-"])
def test_a_range_beyond_the_end_is_refused(
    large: Picture, alice: User, signed_in: SignIn, asked: str
) -> None:
    response = signed_in(alice).get(address(large), headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(LARGE)}"


def test_a_range_of_another_version_gives_the_whole(large: Picture, alice: User, signed_in: SignIn) -> None:
    client = signed_in(alice)
    tag = client.head(address(large))["ETag"]
    for known, status in ((tag, 206), ('"other"', 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)):
        response = client.get(address(large), headers={"Range": "bytes=1-2", "If-Range": known})
        assert (response.status_code, len(body(response))) == (status, 2 if status == 206 else len(LARGE))


def test_under_asgi_a_file_is_sent_in_pieces_and_the_loop_goes_on(large: Picture, alice: User) -> None:
    client = AsyncClient()
    client.force_login(alice)

    async def fetch() -> tuple[list[int], bytes, int]:
        response: Any = await client.get(address(large))
        assert isinstance(response, StreamingHttpResponse)
        assert response.is_async
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(others())
        pieces = [piece async for piece in response]
        beside.cancel()
        return [len(piece) for piece in pieces], b"".join(pieces), turns

    lengths, content, turns = async_to_sync(fetch)()
    assert content == LARGE
    assert max(lengths) == ranges.CHUNK
    assert len(lengths) == 4
    assert turns > 4


def test_a_file_is_closed_when_the_client_has_left(large: Picture, alice: User) -> None:
    client = AsyncClient()
    client.force_login(alice)

    async def leave() -> bool:
        response: Any = await client.get(address(large))
        async for _piece in response:
            break
        pieces = response._resource_closers[0].__self__  # the reader behind the answer
        response.close()
        return bool(pieces._pieces._file.closed)

    assert async_to_sync(leave)()


def test_a_file_that_storage_has_lost_is_not_found(
    alice: User, new_picture: NewPicture, any_storage: str, signed_in: SignIn
) -> None:
    picture = new_picture(alice)
    default_storage.delete(picture.files.get(role="master").key)
    assert signed_in(alice).get(address(picture)).status_code == (404 if any_storage == "local" else 302)


def test_a_proxy_in_front_may_send_the_file(
    alice: User, new_picture: NewPicture, local_storage: Path, signed_in: SignIn, settings: Any
) -> None:
    settings.FILES_X_ACCEL = "/protected/"
    picture, client = new_picture(alice), signed_in(alice)
    response = client.get(address(picture))
    assert response["X-Accel-Redirect"] == f"/protected/{picture.files.get(role='master').key}"
    assert (response.content, response["Content-Type"]) == (b"", "image/png")
    assert client.get(f"/files/picture/{new_id()}/master").status_code == 404


def test_from_s3_a_file_comes_by_a_short_lived_link(
    alice: User, bob: User, new_picture: NewPicture, s3_storage: str, client: Client
) -> None:
    picture = new_picture(alice)
    client.force_login(alice)
    response = client.get(address(picture))
    assert response.status_code == 302
    assert response["Cache-Control"] == "private, max-age=240"
    assert "X-Amz-Expires=300" in response["Location"]
    with urllib.request.urlopen(response["Location"]) as answer:
        with storing.opened(picture.files.get(role="master").key) as file:
            assert answer.read() == file.read()
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"] == "inline"
    client.force_login(bob)
    assert client.get(address(picture)).status_code == 404


def test_a_link_is_kept_for_less_time_than_it_lives() -> None:
    assert int(serving._REDIRECT.rpartition("=")[2]) < serving.LINK_SECONDS
