"""Downloads: every format, marked as made by AI, with or without the recipe; made once, named after its words."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from PIL import Image, ImageChops, ImageDraw

from accounts.models import User
from accounts.people import preferences
from generation.files import downloads, storing
from generation.models import File, Picture, StorageDeletion
from tests.generation.files import specimens
from tests.generation.files.conftest import NewPicture, master_of

pytestmark = pytest.mark.django_db

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def content_of(file: File) -> bytes:
    with storing.opened(file.key) as stored:
        return stored.read()


def packet_of(content: bytes) -> ET.Element:
    """The XMP of a file, through Pillow's reader of that format and a parser of XML."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    text = packet if isinstance(packet, str) else packet.decode()
    description = ET.fromstring(text).find(f".//{RDF}Description")
    assert description is not None
    return description


def recipe_of(content: bytes) -> dict[str, Any] | None:
    found = next((child for child in packet_of(content) if child.tag.endswith("recipe")), None)
    return None if found is None else json.loads(found.text or "")


@pytest.mark.few(4)
@pytest.mark.parametrize("form", downloads.FORMATS)
def test_every_format_says_that_a_model_made_it_and_how(
    alice: User, new_picture: NewPicture, any_storage: str, form: str
) -> None:
    picture = new_picture(alice)
    content = content_of(downloads.with_recipe(picture, form))
    assert packet_of(content).get(TYPE) == TRAINED
    assert recipe_of(content) == picture.recipe
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == (form.upper(), (256, 192))


@pytest.mark.parametrize("form", downloads.FORMATS)
def test_without_the_recipe_only_the_mark_is_left(
    alice: User, new_picture: NewPicture, local_storage: Path, form: str
) -> None:
    picture = new_picture(alice)
    content = content_of(downloads.without_recipe(picture, form))
    assert packet_of(content).get(TYPE) == TRAINED
    assert recipe_of(content) is None
    assert b"sailboat" not in content
    assert b"recipe/1/" in content or b"DigitalSourceType" in content


@pytest.mark.parametrize("form", downloads.FORMATS)
def test_what_can_be_seen_through_stays_so_and_a_jpeg_lies_on_white(
    alice: User, new_picture: NewPicture, local_storage: Path, form: str
) -> None:
    picture = new_picture(alice)
    master = Image.new("RGBA", (256, 192), (0, 0, 0, 0))
    ImageDraw.Draw(master).rectangle((64, 48, 191, 143), fill=(200, 30, 60, 255))
    ImageDraw.Draw(master).rectangle((0, 144, 255, 191), fill=(20, 120, 220, 128))
    replace_master(picture, master)

    for made in (downloads.with_recipe, downloads.without_recipe):
        with Image.open(io.BytesIO(content_of(made(picture, form)))) as image:
            assert image.mode == ("RGB" if form == "jpeg" else "RGBA")
            shown = image.convert("RGBA")
        clear, solid, half = (levels_at(shown, at) for at in ((10, 10), (128, 96), (128, 170)))
        on_white = form == "jpeg"
        assert near(solid, (200, 30, 60, 255))
        assert near(half, (137, 187, 237, 255) if on_white else (20, 120, 220, 128))
        assert near(clear, (255, 255, 255, 255)) if on_white else clear[3] == 0


def levels_at(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    levels = image.getpixel(at)
    assert isinstance(levels, tuple)
    return levels


def near(levels: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 4 for a, b in zip(levels, wanted, strict=True))


def replace_master(picture: Picture, image: Image.Image) -> None:
    content = io.BytesIO()
    image.save(content, "PNG")
    rendition = storing.store_rendition(
        content.getvalue(), role=File.Role.MASTER, form="png", width=256, height=192, attempt="seen-through"
    )
    picture.files.filter(role=File.Role.MASTER).update(key=rendition.stored.key)


def test_image_to_image_is_marked_without_naming_the_reference(
    alice: User, new_picture: NewPicture, local_storage: Path
) -> None:
    reference = "upload:018f0000-0000-7000-8000-000000000000"
    picture = new_picture(alice, kind="image_to_image", reference=reference, strength=0.5)
    for form in downloads.FORMATS:
        content = content_of(downloads.with_recipe(picture, form))
        assert packet_of(content).get(TYPE) == COMPOSITE
        assert b"018f0000" not in content


def test_a_png_is_the_very_pixels_and_without_the_recipe_the_master_itself(
    alice: User, new_picture: NewPicture, local_storage: Path
) -> None:
    picture = new_picture(alice)
    assert downloads.without_recipe(picture, "png").role == File.Role.MASTER
    made = downloads.with_recipe(picture, "png")
    assert made.role == File.Role.DOWNLOAD
    with Image.open(io.BytesIO(content_of(made))) as image:
        assert ImageChops.difference(image.convert("RGB"), master_of(picture)).getbbox() is None


@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_the_others_look_like_the_master(
    alice: User, new_picture: NewPicture, local_storage: Path, form: str
) -> None:
    if form not in downloads.FORMATS:
        pytest.skip("this Pillow can't write it")
    picture = new_picture(alice)
    with Image.open(io.BytesIO(content_of(downloads.with_recipe(picture, form)))) as image:
        difference = ImageChops.difference(image.convert("RGB"), master_of(picture)).resize((32, 24))
    assert specimens.brightest(difference) < 40


def test_a_download_is_made_once(alice: User, new_picture: NewPicture, local_storage: Path) -> None:
    picture = new_picture(alice)
    made = [downloads.with_recipe(picture, "jpeg").pk for _turn in range(2)]
    assert len(set(made)) == 1
    assert downloads.without_recipe(picture, "jpeg").pk not in made
    variants = picture.files.filter(role="download").values_list("format", "variant")
    assert sorted(variants) == [("jpeg", "q92-plain"), ("jpeg", "q92-recipe")]


def test_two_processes_that_make_the_same_keep_one(
    alice: User, new_picture: NewPicture, local_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = new_picture(alice)
    first = downloads.with_recipe(picture, "jpeg")
    form = downloads.FORMATS["jpeg"]
    # The second process looked before the first one was done.
    second = downloads._make(picture, form, recipe=True, signer=None)
    assert second == first
    assert StorageDeletion.objects.count() == 1


@pytest.mark.parametrize("form", ["gif", "", "PNG", "../png", "svg"])
def test_other_formats_are_not_made(
    alice: User, new_picture: NewPicture, local_storage: Path, form: str
) -> None:
    with pytest.raises(downloads.UnknownFormat):
        downloads.with_recipe(new_picture(alice), form)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a red sailboat at sunset", "a-red-sailboat-at-sunset-7.png"),
        ("../../etc/passwd", "etcpasswd-7.png"),
        ('"; rm -rf / \\ <script>', "rm-rf-script-7.png"),
        ("夕日の赤い帆船", "夕日の赤い帆船-7.png"),
        ("☕☕☕", "picture-7.png"),
        ("Häuser am Fluß", "häuser-am-fluß-7.png"),
        ("CON", "con-7.png"),
        ("word " * 100, "word-" * 11 + "word-7.png"),
        ("猫" * 100, "猫" * 60 + "-7.png"),
    ],
)
def test_a_download_is_named_after_its_words_and_seed(prompt: str, name: str) -> None:
    assert downloads.filename(Picture(prompt=prompt, seed=7), "png") == name


Get = Callable[[str], Any]


@pytest.fixture
def get(alice: User, client: Client) -> Get:
    client.force_login(alice)
    return client.get


def test_the_page_sends_a_file_to_keep(
    alice: User, new_picture: NewPicture, local_storage: Path, get: Get
) -> None:
    picture = new_picture(alice)
    response = get(f"/files/picture/{picture.pk}/download/jpeg")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert re.search(r"caf(é|%C3%A9)-7\.jpg", disposition)
    # The setting may change at any time: the browser asks again.
    assert response["Cache-Control"] == "private, no-cache"
    assert "immutable" in get(f"/files/picture/{picture.pk}/download/jpeg?recipe=1")["Cache-Control"]
    assert recipe_of(response.getvalue()) == picture.recipe


def test_the_person_chooses_whether_the_recipe_is_inside(
    alice: User, new_picture: NewPicture, local_storage: Path, get: Get
) -> None:
    picture = new_picture(alice)
    path = f"/files/picture/{picture.pk}/download/jpeg"
    assert recipe_of(get(f"{path}?recipe=0").getvalue()) is None
    row = preferences.of(alice)
    row.recipe_in_downloads = False
    row.save()
    assert recipe_of(get(path).getvalue()) is None
    assert recipe_of(get(f"{path}?recipe=1").getvalue()) == picture.recipe


def test_on_s3_the_link_carries_the_name(
    alice: User, new_picture: NewPicture, s3_storage: str, get: Get
) -> None:
    import urllib.request

    picture = new_picture(alice, prompt="a red boat")
    response = get(f"/files/picture/{picture.pk}/download/webp")
    assert response.status_code == 302
    with urllib.request.urlopen(response["Location"]) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a-red-boat-7.webp"'
        assert answer.headers["Content-Type"] == "image/webp"
        assert recipe_of(answer.read()) == picture.recipe


def test_an_unknown_format_is_not_found(
    alice: User, new_picture: NewPicture, local_storage: Path, get: Get
) -> None:
    assert get(f"/files/picture/{new_picture(alice).pk}/download/gif").status_code == 404


def test_while_storage_is_unavailable_the_page_says_that_nothing_is_lost(
    alice: User, new_picture: NewPicture, local_storage: Path, get: Get, client: Client
) -> None:
    picture = new_picture(alice)
    master = local_storage / picture.files.get(role="master").key
    content = master.read_bytes()
    master.unlink()
    master.mkdir()  # reading it fails as a broken disk does
    for path in (f"/files/picture/{picture.pk}/download/jpeg", f"/files/picture/{picture.pk}/master"):
        response = get(path)
        assert response.status_code == 503
        assert "It isn't lost: try again in a minute." in response.content.decode()
        page = client.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
        assert f'href="{path}">Try again' in page.content.decode()
        assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    master.rmdir()
    master.write_bytes(content)
    assert get(f"/files/picture/{picture.pk}/download/jpeg").status_code == 200
