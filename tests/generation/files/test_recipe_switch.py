"""“Write the recipe into files”: when it is off, no byte that the site serves has a word of the prompt, nor a name."""

from __future__ import annotations

import hashlib
import io
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from accounts.models import User
from accounts.people import preferences
from generation import fair_shares
from generation.files import downloads, masters, storing, sweeping
from generation.models import File, Picture, StorageDeletion
from generation.requests import marking
from tests.generation.files.conftest import NewPicture, a_recipe, master_of

pytestmark = pytest.mark.django_db

WORD = "sailboat"  # of the prompt in a_recipe
MARK = b"DigitalSourceType"


@pytest.fixture
def switch(alice: User) -> Callable[[bool], None]:
    def to(is_on: bool) -> None:
        row = preferences.of(alice)
        row.recipe_in_downloads = is_on
        row.save()

    return to


@pytest.fixture
def get(alice: User, client: Client) -> Callable[..., Any]:
    client.force_login(alice)
    return client.get


Switch = Callable[[bool], None]
Get = Callable[..., Any]


def received(response: Any) -> tuple[bytes, str]:
    """What a browser ends up with: the bytes, and every header; from the site, or from S3 by the signed link."""
    if response.status_code == 302:
        with urllib.request.urlopen(response["Location"]) as answer:
            return answer.read(), str(answer.headers)
    assert response.status_code in {200, 206}
    return response.getvalue(), str(response.headers)


def says_the_word(content: bytes) -> bool:
    views = [content]
    at = content.find(b"zTXt")
    while at >= 0:
        length = int.from_bytes(content[at - 4 : at], "big")
        _keyword, _zero, packed = content[at + 4 : at + 4 + length].partition(b"\0")
        views.append(zlib.decompress(packed[1:]))
        at = content.find(b"zTXt", at + 1)
    words = (WORD.encode(), WORD.encode("utf-16-le"), WORD.encode("utf-16-be"))
    return any(word in view.lower() for view in views for word in words)


def addresses(picture: Picture) -> list[str]:
    """Every URL that serves something of a picture."""
    path = f"/files/picture/{picture.pk}"
    return [
        *(f"{path}/{role}" for role in ("master", "thumb256", "thumb512", "thumb1024")),
        *(f"/files/{file.pk}" for file in picture.files.exclude(role=File.Role.DOWNLOAD)),
        *(f"{path}/download/{form}" for form in downloads.FORMATS),
    ]


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "stored-before"])
@pytest.mark.few(1)
def test_the_switch_holds_for_every_url(
    alice: User, new_picture: NewPicture, any_storage: str, switch: Switch, get: Get, is_old: bool
) -> None:
    picture = new_picture(alice, is_old=is_old)
    switch(True)
    for form in downloads.FORMATS:  # made and kept while the switch was on
        content, headers = received(get(f"/files/picture/{picture.pk}/download/{form}"))
        assert says_the_word(content)
        assert WORD in headers  # the name of the file
    switch(False)
    for address in addresses(picture):
        content, headers = received(get(address))
        assert not says_the_word(content), address
        assert WORD not in headers, address
        if "/master" in address or "/download/" in address:
            assert MARK in content, address
    switch(True)
    assert says_the_word(received(get(f"/files/picture/{picture.pk}/download/png"))[0])


@pytest.mark.few(1)
def test_a_stored_download_has_no_url_that_bypasses_the_switch(
    alice: User, new_picture: NewPicture, any_storage: str, switch: Switch, get: Get
) -> None:
    picture = new_picture(alice)
    made = downloads.with_recipe(picture, "png")
    switch(False)
    for address in (f"/files/{made.pk}", f"/files/picture/{picture.pk}/download"):
        assert get(address).status_code == 404


def test_a_range_of_an_old_master_is_a_range_of_the_file_without_the_recipe(
    alice: User, new_picture: NewPicture, local_storage: object, get: Get
) -> None:
    picture = new_picture(alice, is_old=True)
    address = f"/files/picture/{picture.pk}/master"
    first = get(address, headers={"Range": "bytes=0-99"})
    whole = received(get(address))[0]
    assert first.status_code == 206
    assert first.getvalue() == whole[:100]
    assert first["Content-Range"] == f"bytes 0-99/{len(whole)}"
    last = get(address, headers={"Range": "bytes=100-", "If-Range": first["ETag"]})
    assert first.getvalue() + last.getvalue() == whole


@pytest.mark.few(1)
def test_an_old_master_is_rewritten_once_its_pixels_untouched_and_the_old_object_deleted(
    alice: User, new_picture: NewPicture, any_storage: str
) -> None:
    picture = new_picture(alice, is_old=True)
    before = picture.files.get(role="master")
    pixels = master_of(picture).tobytes()
    after = masters.plain(picture.files.get(role="master"))
    assert masters.plain(picture.files.get(role="master")).key == after.key
    assert (after.pk, after.variant) == (before.pk, File.PLAIN)
    assert master_of(picture).tobytes() == pixels
    with storing.opened(after.key) as file:
        content = file.read()
    assert (after.bytes, after.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert marking.read_png(io.BytesIO(content)) is None
    assert StorageDeletion.objects.get().key == before.key
    sweeping.delete_due()
    assert not default_storage.exists(before.key)
    assert default_storage.exists(after.key)


def test_two_who_rewrite_the_same_master_leave_one(
    alice: User, new_picture: NewPicture, local_storage: object
) -> None:
    picture = new_picture(alice, is_old=True)
    slow = picture.files.get(role="master")  # read by a second process before the first was done
    first = masters.plain(picture.files.get(role="master"))
    second = masters._rewritten(slow)
    assert second.key == first.key
    sweeping.delete_due()
    assert master_of(picture).size == (256, 192)
    assert StorageDeletion.objects.count() == 0


@pytest.mark.long
def test_an_old_master_that_cannot_be_rewritten_is_not_served(
    alice: User, new_picture: NewPicture, local_storage: Any, switch: Switch, get: Get
) -> None:
    picture = new_picture(alice, is_old=True)
    path = local_storage / picture.files.get(role="master").key
    path.write_bytes(path.read_bytes()[:-20])
    switch(False)
    for address in (f"/files/picture/{picture.pk}/master", f"/files/picture/{picture.pk}/download/png"):
        assert get(address).status_code == 503


def test_the_switch_is_read_when_the_file_is_asked_for(
    alice: User, new_picture: NewPicture, any_storage: str, switch: Switch, get: Get
) -> None:
    picture = new_picture(alice)
    page = get(f"/pictures/{picture.pk}/").content.decode()
    link = f'/files/picture/{picture.pk}/download/png"'
    assert link in page  # the page was made while the switch was on
    on = get(link.rstrip('"'))
    switch(False)
    off = get(link.rstrip('"'), headers={"If-None-Match": on.get("ETag", "")})
    assert not says_the_word(received(off)[0])
    assert off["Cache-Control"] in {"private, no-cache", "private, no-store"}


def test_the_mark_of_ai_is_in_every_file_to_keep(
    alice: User, new_picture: NewPicture, local_storage: object
) -> None:
    for picture in (new_picture(alice), new_picture(alice, is_old=True)):
        for form in downloads.FORMATS:
            for made in (downloads.with_recipe(picture, form), downloads.without_recipe(picture, form)):
                with storing.opened(made.key) as file:
                    assert MARK in file.read()


def test_one_person_rewrites_one_master_at_a_time(
    alice: User, new_picture: NewPicture, local_storage: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_waits = replace(fair_shares.shares()["download"], wait=0)
    monkeypatch.setitem(fair_shares._SHARES, "download", nobody_waits)
    master = new_picture(alice, is_old=True).files.get(role="master")
    with fair_shares.turn("download", caller=alice.pk), pytest.raises(fair_shares.OverShare):
        masters.plain(master)
    assert masters.plain(master).variant == "plain"


def test_the_specimen_would_be_noticed() -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    for recipe in (a_recipe(), a_recipe(prompt="Ein SAILBOAT ☕")):
        whole = io.BytesIO()
        marking.rewrite_png(io.BytesIO(out.getvalue()), whole, recipe, include_recipe=True)
        assert says_the_word(whole.getvalue())
