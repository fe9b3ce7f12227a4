"""What becomes of accepted files: upright, 8 bits, sRGB, nothing inside but pixels."""

from __future__ import annotations

import io
import struct
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from generation.files import storing
from generation.models import File, Upload
from generation.uploads import intake
from tests.examples import few_of
from tests.generation.files import specimens
from tests.generation.files.conftest import ingest, master_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_storage")]


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_each_accepted_format_is_kept_as_its_pixels(alice: User, form: str) -> None:
    image = specimens.drawing()
    upload = ingest(alice, specimens.encoded(image, form), f"my picture.{form.lower()}")
    assert (upload.owner, upload.width, upload.height) == (alice, 96, 64)
    difference = specimens.largest_difference(master_of(upload), image)
    assert difference == 0 if specimens.lossless(form) else difference < 24
    assert upload.name == f"my picture.{form.lower()}"


def test_an_upload_has_a_master_and_two_thumbnails(alice: User) -> None:
    content = specimens.encoded(specimens.photo(800, 600), "JPEG")
    upload = ingest(alice, content)
    files = {file.role: file for file in upload.files.all()}
    found = {role: (file.format, file.width, file.height) for role, file in files.items()}
    assert found == {
        "master": ("png", 800, 600),
        "thumb256": ("webp", 256, 192),
        "thumb512": ("webp", 512, 384),
    }
    for role in ("thumb256", "thumb512"):
        with storing.opened(files[role].key) as file:
            assert Image.open(io.BytesIO(file.read())).size == (files[role].width, files[role].height)


@pytest.mark.few(4)
@pytest.mark.parametrize("form", specimens.FORMATS)
@pytest.mark.parametrize("orientation", few_of(range(1, 9), [2, 6, 7]))
def test_a_picture_stands_upright_however_the_camera_was_held(
    alice: User, form: str, orientation: int
) -> None:
    upright = specimens.drawing()
    stored, exif = specimens.turned(upright, orientation)
    kept = master_of(ingest(alice, specimens.encoded(stored, form, exif=exif)))
    # No browser turns a WebP by its EXIF: its owner knows it as it is stored.
    difference = specimens.largest_difference(kept, stored if form == "WEBP" else upright)
    assert difference == 0 if specimens.lossless(form) else difference < 24


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_nothing_but_pixels_is_kept_in_the_master(alice: User, form: str) -> None:
    image = specimens.drawing()
    _same, exif = specimens.turned(image, 1)
    options: dict[str, Any] = {
        "exif": exif,
        "icc_profile": specimens.srgb_profile(),
        "xmp": b"<x>secret place</x>",
    }
    if form == "PNG":
        from PIL.PngImagePlugin import PngInfo

        notes = PngInfo()
        notes.add_text("Comment", "secret place")
        options |= {"pnginfo": notes}
        del options["xmp"]
    upload = ingest(alice, specimens.encoded(image, form, **options) + b"PK\x03\x04 secret tail")
    with storing.opened(upload.files.get(role=File.Role.MASTER).key) as file:
        content = file.read()
    assert b"secret" not in content.lower()
    names, at = [], 8
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        names.append(name)
        at += 12 + length
    assert set(names) == {b"IHDR", b"sRGB", b"IDAT", b"IEND"}
    assert at == len(content)


def test_sixteen_bits_become_eight(alice: User) -> None:
    levels = [0, 255, 256, 32768, 65279, 65535]
    for colour, bands in ((0, 1), (2, 3), (4, 2), (6, 4)):
        row = b"\0" + b"".join(
            struct.pack(">H", level) * (bands - (bands in {2, 4})) + b"\xff\xff" * (bands in {2, 4})
            for level in levels
        )
        kept = master_of(ingest(alice, specimens.png(6, 1, 16, colour, row)))
        assert kept.mode == "RGB"
        assert [kept.getpixel((x, 0)) for x in range(6)] == [(level >> 8,) * 3 for level in levels]


def test_cmyk_greys_and_palettes_become_rgb(alice: User) -> None:
    image = specimens.drawing()
    cmyk = master_of(ingest(alice, specimens.encoded(image.convert("CMYK"), "JPEG")))
    assert specimens.largest_difference(cmyk, image) < 24
    grey = master_of(ingest(alice, specimens.encoded(image.convert("L"), "PNG")))
    assert specimens.largest_difference(grey, image.convert("L").convert("RGB")) == 0
    ink = master_of(ingest(alice, specimens.encoded(image.convert("1"), "PNG")))
    assert specimens.largest_difference(ink, image.convert("1").convert("RGB")) == 0
    palette = image.quantize(32)
    assert (
        specimens.largest_difference(
            master_of(ingest(alice, specimens.encoded(palette, "PNG"))), palette.convert("RGB")
        )
        == 0
    )


def test_what_can_be_seen_through_stays_so_and_hides_no_colour(alice: User) -> None:
    image = specimens.drawing().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda a: 0 if a < 60 else a))
    kept = master_of(ingest(alice, specimens.encoded(image, "PNG")))
    assert kept.mode == "RGBA"
    for x, y in ((3, 3), (50, 20), (90, 60), (5, 60)):
        pixel = image.getpixel((x, y))
        assert isinstance(pixel, tuple)
        assert kept.getpixel((x, y)) == (pixel if pixel[3] else (0, 0, 0, 0))
    opaque = image.copy()
    opaque.putalpha(255)
    assert master_of(ingest(alice, specimens.encoded(opaque, "PNG"))).mode == "RGB"


def test_a_transparent_palette_colour_is_seen_through(alice: User) -> None:
    image = Image.new("P", (4, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2, 0])
    kept = master_of(ingest(alice, specimens.encoded(image, "PNG", transparency=0)))
    assert [kept.getpixel((x, 0)) for x in range(4)] == [
        (0, 0, 0, 0),
        (0, 255, 0, 255),
        (0, 0, 255, 255),
        (0, 0, 0, 0),
    ]
    for depth, row in ((1, b"\0\x40"), (16, b"\0\0\0\xff\xff\0\0")):
        key = specimens.png(3, 1, depth, 0, row, (b"tRNS", b"\0\0"))
        seen = master_of(ingest(alice, key))
        assert [seen.getpixel((x, 0)) for x in range(3)] == [(0, 0, 0, 0), (255, 255, 255, 255), (0, 0, 0, 0)]


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_colours_are_taken_through_their_profile(alice: User, form: str) -> None:
    red = Image.new("RGB", (64, 64), (200, 10, 10))
    content = specimens.encoded(red, form, icc_profile=specimens.swapped_profile())
    pixel = master_of(ingest(alice, content)).getpixel((32, 32))
    assert isinstance(pixel, tuple)
    assert (pixel[1] > 150, pixel[0] < 60) == (True, True), pixel


def test_a_broken_profile_is_passed_over(alice: User) -> None:
    image = specimens.drawing()
    for profile in (b"nonsense", specimens.srgb_profile()[:200], b"\0" * 5000):
        kept = master_of(ingest(alice, specimens.encoded(image, "PNG", icc_profile=profile)))
        assert specimens.largest_difference(kept, image) == 0


@pytest.mark.parametrize("form", [form for form in specimens.FORMATS if form != "AVIF"])
def test_broken_exif_is_passed_over(alice: User, form: str) -> None:
    image = specimens.drawing()
    for exif in (b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        assert master_of(ingest(alice, specimens.encoded(image, form, exif=exif))).size == image.size


def test_the_content_decides_not_the_name(alice: User) -> None:
    jpeg = specimens.encoded(specimens.drawing(), "JPEG")
    upload = intake.ingest(user=alice, file=SimpleUploadedFile("photo.svg", jpeg, content_type="text/html"))
    assert specimens.largest_difference(master_of(upload), specimens.drawing()) < 24


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\pictures\\cat.png", "cat.png"),
        ("猫🐈.png", "猫🐈.png"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("x" * 250 + ".png", ("x" * 250 + ".png")[-200:]),
    ],
)
def test_the_name_is_kept_for_its_owner_to_read(alice: User, sent: str, kept: str) -> None:
    file = SimpleUploadedFile("x.png", specimens.encoded(specimens.drawing(8, 8), "PNG"))
    file._name = sent  # type: ignore[attr-defined]  # as a browser may send it, past Django's own cleaning
    assert intake.ingest(user=alice, file=file).name == kept


def test_pictures_of_one_pixel_and_of_thin_lines_are_pictures(alice: User) -> None:
    for size in ((1, 1), (1, 4000), (4000, 1), (129, 257)):
        image = specimens.drawing(max(size[0], 3), max(size[1], 3)).resize(size)
        assert (
            specimens.largest_difference(master_of(ingest(alice, specimens.encoded(image, "PNG"))), image)
            == 0
        )


def test_pictures_are_read_in_threads_at_the_same_time(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoding only: a thread of a test has no database of its own."""
    from generation.ingest import isolation
    from generation.ingest.outcome import DecodeOrder, Outcome

    content = specimens.encoded(specimens.photo(), "JPEG")
    outcomes: list[Outcome] = []

    def work() -> None:
        files = [intake.scratch() for _n in range(4)]
        files[0].write(content)
        files[0].flush()
        order = DecodeOrder(
            max_pixels=10**6,
            max_side=4000,
            memory=intake.MEMORY,
            seconds=20,
            master=files[1].fileno(),
            thumbnails={256: files[2].fileno(), 512: files[3].fileno()},
        )
        outcomes.append(isolation.convert(files[0], order))
        for file in files:
            file.close()

    threads = [threading.Thread(target=work) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome(format="jpeg", width=320, height=240)] * 6
    assert not Upload.objects.exists()
