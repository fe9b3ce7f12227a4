"""Files that are cut off, damaged or two things at once: refused, or read to the very same pixels; never a crash."""

from __future__ import annotations

import io
import random
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from generation.ingest import formats, reading
from generation.ingest.outcome import Cause, Unacceptable
from tests.examples import examples
from tests.generation.files import specimens

# The decoders warn of odd notes (EXIF) and go on; so do we.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(autouse=True)
def _own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoding process limits Pillow for itself; here that would be the limit of every later test."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


EXPECTED = {Cause.DAMAGED, Cause.UNKNOWN, Cause.EMPTY, Cause.TOO_COSTLY}
ANY = EXPECTED | {Cause.TOO_MANY_PIXELS, Cause.TOO_LONG, Cause.MOVING, Cause.OTHER_FORMAT}


def read(content: bytes) -> Image.Image:
    """What the decoding process does with a file, in this process: small pictures only."""
    file = io.BytesIO(content)
    form = formats.format_of(file.read(formats.HEAD))
    file.seek(0)
    return reading.normalise(reading.open_header(file, form, max_pixels=1_000_000, max_side=4000))


@cache
def whole(form: str) -> bytes:
    options = {"quality": 90, "lossless": False} if form == "WEBP" else {}
    _same, exif = specimens.turned(specimens.photo(), 6)
    return specimens.encoded(specimens.photo(), form, exif=exif, **options)


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_a_file_cut_at_any_kilobyte_is_refused_or_whole(form: str) -> None:
    content = whole(form)
    picture = read(content)
    refused = 0
    for length in [*range(0, len(content), 1024), len(content) - 16, len(content) - 1]:
        try:
            assert same(read(content[:length]), picture), length
        except Unacceptable as refusal:
            assert refusal.cause in EXPECTED  # noqa: PT017  both outcomes are right
            refused += 1
    assert refused >= len(content) // 1024


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_damage_anywhere_never_raises_anything_but_a_refusal(form: str) -> None:
    content = whole(form)
    noise = random.Random(form)
    for _turn in range(150):
        damaged = bytearray(content)
        for _place in range(noise.choice((1, 4, 64))):
            # Headers are where the surprising branches are: every other place lies among the first bytes.
            end = 600 if noise.random() < 0.5 else len(damaged)
            damaged[noise.randrange(min(end, len(damaged)))] = noise.randrange(256)
        try:
            read(bytes(damaged))
        except Unacceptable as refusal:
            assert refusal.cause in ANY  # noqa: PT017  both outcomes are right


@given(st.binary(max_size=3000), st.sampled_from(["", "PNG", "JPEG", "WEBP", "AVIF"]))
@example(b"", "")
@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
def test_random_bytes_with_and_without_a_true_beginning_are_refused(tail: bytes, form: str) -> None:
    heads = {
        "": b"",
        "PNG": b"\x89PNG\r\n\x1a\n",
        "JPEG": b"\xff\xd8\xff\xe0",
        "WEBP": b"RIFF\xff\0\0\0WEBPVP8X",
        "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
    }
    with pytest.raises(Unacceptable) as refused:
        read(heads[form] + tail)
    assert refused.value.cause in ANY


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_a_file_that_is_also_something_else_is_only_its_pixels(form: str) -> None:
    picture = read(whole(form))
    for tail in (b"PK\x03\x04" + b"\0" * 64, b"<script>alert(1)</script>", b"%PDF-1.7 1 0 obj", whole("PNG")):
        assert same(read(whole(form) + tail), picture)
    assert not read(whole(form)).info


def test_one_format_in_the_clothes_of_another_is_refused() -> None:
    png = specimens.encoded(specimens.photo(), "PNG")
    for head in (b"GIF89a", b"BM", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"):
        with pytest.raises(Unacceptable):
            read(head + png)
