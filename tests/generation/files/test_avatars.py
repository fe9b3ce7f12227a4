"""Profile pictures: from a file or the history, square, for their owner alone, gone when removed."""

from __future__ import annotations

import io
import re
from http import HTTPStatus

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from generation.files import sweeping
from generation.models import Avatar, Picture, Upload
from privacy.models import PolicyVersion
from tests.generation.files.conftest import NewPicture
from tests.generation.files.specimens import encoded

pytestmark = pytest.mark.django_db
SRC = re.compile(r'<img src="(/account/avatar/96/[0-9a-f]+)" width="96"')


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def a_wide_file() -> SimpleUploadedFile:
    """Red and blue at the ends, green in the middle."""
    picture = Image.new("RGB", (600, 200), "red")
    picture.paste("green", (200, 0, 400, 200))
    picture.paste("blue", (400, 0, 600, 200))
    return SimpleUploadedFile("me.png", encoded(picture, "PNG"))


def shown(client: Client) -> Image.Image:
    found = SRC.search(client.get("/account/").text)
    assert found
    answer = client.get(found.group(1))
    assert answer.headers["Content-Type"] == "image/webp"
    assert "private" in answer.headers["Cache-Control"]
    return Image.open(io.BytesIO(answer.content))


def test_the_middle_of_a_file_becomes_the_picture_in_the_header(hers: Client, alice: User) -> None:
    page = hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()}, follow=True)
    assert "Your profile picture was saved." in page.text

    small = shown(hers).convert("RGB")

    assert small.size == (96, 96)
    for place in ((2, 2), (48, 48), (93, 93)):
        red, green, blue = small.getpixel(place)  # type: ignore[misc]  # a pixel of RGB
        assert green > 100 > max(red, blue)
    assert sorted(Avatar.objects.filter(owner=alice).values_list("side", flat=True)) == [96, 256]
    assert not Upload.objects.exists(), "the file itself isn't kept"


def test_a_picture_of_the_history_becomes_it(hers: Client, alice: User, new_picture: NewPicture) -> None:
    picture = new_picture(alice)
    assert "Profile picture" in hers.get(reverse("generation:picture", args=[picture.pk])).text

    page = hers.post(reverse("generation:avatar-picture", args=[picture.pk]), follow=True)

    assert "This is your profile picture now." in page.text
    assert shown(hers).size == (96, 96)
    Picture.objects.all().delete()
    assert shown(hers).size == (96, 96)


def test_nobody_elses_picture_and_none_that_is_deleted(
    hers: Client, alice: User, bob: User, new_picture: NewPicture
) -> None:
    his = new_picture(bob)
    assert hers.post(reverse("generation:avatar-picture", args=[his.pk])).status_code == HTTPStatus.NOT_FOUND
    assert not Avatar.objects.exists()


def test_it_is_shown_to_nobody_else(hers: Client, bob: User) -> None:
    hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()})
    found = SRC.search(hers.get("/account/").text)
    assert found
    stranger = Client()
    stranger.force_login(bob)

    assert stranger.get(found.group(1)).status_code == HTTPStatus.NOT_FOUND


def test_another_choice_and_removing_delete_what_was_stored(hers: Client, alice: User) -> None:
    hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()})
    first = set(Avatar.objects.values_list("key", flat=True))
    hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()})
    second = set(Avatar.objects.values_list("key", flat=True))
    sweeping.delete_due()
    assert [default_storage.exists(key) for key in sorted(first | second)].count(True) == 2
    assert all(default_storage.exists(key) for key in second)

    assert "was removed" in hers.post(reverse("generation:avatar-remove"), follow=True).text
    assert "already removed" in hers.post(reverse("generation:avatar-remove"), follow=True).text
    sweeping.delete_due()
    assert not any(default_storage.exists(key) for key in second)
    alice.refresh_from_db()
    assert alice.avatar == ""
    assert not SRC.search(hers.get("/account/").text)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"<svg onload=alert(1)>", "SVG files can&#x27;t be used here"),
        (b"\x89PNG\r\n\x1a\n cut off", "damaged"),
    ],
)
def test_a_bad_file_is_one_sentence_and_changes_nothing(
    hers: Client, alice: User, content: bytes, sentence: str
) -> None:
    hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()})
    before = set(Avatar.objects.values_list("key", flat=True))

    file = SimpleUploadedFile("me.png", content)
    page = hers.post(reverse("generation:avatar-file"), {"file": file}, follow=True)

    assert sentence in page.text
    assert set(Avatar.objects.values_list("key", flat=True)) == before


def test_no_file_is_one_sentence(hers: Client) -> None:
    assert "Choose a picture first." in hers.post(reverse("generation:avatar-file"), follow=True).text


def test_it_waits_for_the_policy_that_names_it(hers: Client) -> None:
    PolicyVersion.objects.update(covers=3)
    page = hers.post(reverse("generation:avatar-file"), {"file": a_wide_file()}, follow=True)
    assert "available on this site yet" in page.text
    assert not Avatar.objects.exists()
