"""Files that are refused: each with one sentence, before anything is kept."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File as IncomingFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django.fixtures import Settings

from accounts.models import User
from generation.ingest import isolation, reading
from generation.ingest.outcome import Cause, DecodeOrder, Outcome, Unacceptable
from generation.models import Upload
from generation.uploads import intake
from tests.examples import few_of
from tests.generation.files import specimens
from tests.generation.files.conftest import ingest, master_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_storage")]

Keys = Callable[[], set[str]]


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_what_is_refused(local_storage: Path, keys: Keys) -> Iterator[None]:
    yield
    if not Upload.objects.exists():
        assert keys() == set()


def refusal(user: User, content: bytes, name: str = "picture.png") -> intake.Refused:
    with pytest.raises(intake.Refused) as refused:
        ingest(user, content, name)
    assert not Upload.objects.exists()
    assert str(refused.value) == refused.value.sentence
    assert refused.value.sentence.endswith(".")
    return refused.value


def moving(form: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    return specimens.encoded(frames[0], form, save_all=True, append_images=frames[1:])


def heic() -> bytes:
    return struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + b"\0" * 64


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.few(6)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"hello", "This file is not a picture that can be read here. Use PNG, JPEG, WebP or AVIF."),
        (b"\0" * 5000, "not a picture"),
        (random.Random(1).randbytes(5000), "not a picture"),
        (SVG, "SVG files can't be used here. Save the picture as PNG or JPEG."),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n' + SVG, "SVG files"),
        (b"\xff\xfe" + SVG.decode().encode("utf-16-le"), "SVG files"),
        (b"<!DOCTYPE html><p>hello", "HTML files"),
        (b"%PDF-1.7\n", "PDF files"),
        (b"\n\n%PDF-1.7\n", "PDF files"),
        (gif(), "GIF files"),
        (b"II*\0" + b"\0" * 100, "TIFF files"),
        (b"BM" + b"\0" * 100, "BMP files"),
        (b"8BPS\0\1", "PSD files"),
        (b"PK\x03\x04" + b"\0" * 30, "ZIP files"),
        (heic(), "This is a HEIC photo, which can't be read here. Save it as JPEG and upload that."),
        (heic().replace(b"heic", b"isom").replace(b"mif1", b"mp42"), "MP4 files"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL files"),
        (b"\xff\x0a" + b"\0" * 40, "JPEG XL files"),
        (b"\0\0\1\0\1\0\x10\x10", "ICO files"),
        (b"\0\0\2\0\1\0\x10\x10", "CUR files"),
        (b"MM\0*" + b"\0" * 100, "TIFF files"),
        (b"qoif\0\0\0\1", "QOI files"),
        (b"P6\n1 1\n255\n\0\0\0", "PNM files"),
        (b"RIFF\x10\0\0\0AVI LIST", "AVI files"),
        (b"\x1f\x8b\x08\0", "gzip files"),
        (heic().replace(b"heic", b"mif1"), "HEIF files"),
        (heic().replace(b"heic", b"crx "), "CR3 files"),
        (gif(), "GIF files can't be used here. Save the picture as PNG or JPEG."),
        (b"\x89PNG\r\n\x1a\n", "damaged or was cut off"),
        (b"\xff\xd8\xff", "damaged or was cut off"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged or was cut off"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "damaged or was cut off"),
    ],
)
def test_other_formats_are_refused_by_name(alice: User, content: bytes, words: str) -> None:
    assert words in refusal(alice, content, "picture.png").sentence


@pytest.mark.parametrize("form", [form for form in specimens.FORMATS if form != "JPEG"])
def test_moving_pictures_are_refused(alice: User, form: str) -> None:
    sentence = refusal(alice, moving(form)).sentence
    assert sentence == "This picture moves (3 frames). Save one frame as PNG or JPEG and upload that."


def test_a_file_of_100_mb_is_refused_by_its_size_without_being_read(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    began = time.monotonic()
    with path.open("rb") as file, pytest.raises(intake.Refused) as refused:
        intake.ingest(user=alice, file=IncomingFile(file, "large.png"))
    assert refused.value.sentence == "This file is larger than 25 MB. Save the picture smaller, or as JPEG."
    assert time.monotonic() - began < 1


def test_a_file_that_lies_about_its_size_is_cut_at_the_cap(alice: User) -> None:
    class Endless(IncomingFile):  # type: ignore[type-arg]
        size = 10
        taken = 0

        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"\x89PNG\r\n\x1a\n"
            while True:
                self.taken += 65536
                yield b"\0" * 65536

    endless = Endless(None, "endless.png")
    with pytest.raises(intake.Refused, match="larger than 25 MB"):
        intake.ingest(user=alice, file=endless)
    assert endless.taken < 27 * 1024 * 1024


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(alice: User) -> None:
    for content in (
        specimens.png(65_000, 65_000, 8, 2, b""),
        specimens.png(9_000, 9_000, 1, 0, b""),
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (16382).to_bytes(3, "little") * 2 + b"\0" * 8,
    ):
        assert (
            refusal(alice, content).sentence
            == "This picture has more than 64 megapixels. Make it smaller first."
        )
    assert "longer than 16384 pixels" in refusal(alice, specimens.png(20_000, 10, 8, 2, b"")).sentence


def test_a_bomb_of_a_few_kilobytes_is_refused(alice: User) -> None:
    bomb = specimens.bomb(20_000, 20_000)
    assert len(bomb) < 2_000_000
    assert "megapixels" in refusal(alice, bomb).sentence


def test_a_bomb_in_a_text_or_profile_chunk_is_refused_or_passed_over(alice: User) -> None:
    import zlib

    zeros = zlib.compress(b"\0" * 200_000_000, 9)
    row = b"\0\xff\0\0"
    for name, head in ((b"iCCP", b"x\0\0"), (b"zTXt", b"x\0\0"), (b"iTXt", b"x\0\1\0\0\0")):
        content = specimens.png(1, 1, 8, 2, row, (name, head + zeros))
        try:
            assert master_of(ingest(alice, content)).getpixel((0, 0)) == (255, 0, 0)
        except intake.Refused as refused:
            assert refused.cause in {Cause.DAMAGED, Cause.TOO_COSTLY}  # noqa: PT017  either is right


CASES = Path(__file__).parent / "cases"


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(alice: User) -> None:
    content = (CASES / "progressive-many-scans.jpg").read_bytes()
    sentence = "This file takes too much to read. Save the picture again as a plain JPEG."
    assert refusal(alice, content, "photo.jpg").sentence == sentence
    with pytest.raises(Unacceptable) as refused:
        reading.open_header(io.BytesIO(content), "jpeg", max_pixels=64_000_000, max_side=16384)
    assert refused.value.cause is Cause.TOO_COSTLY


def with_scans(count: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    content = specimens.encoded(specimens.photo(side, side), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    scans = content.count(b"\xff\xda")
    return content[:-2] + content[last:-2] * (count - scans) + content[-2:]


def test_a_hundred_scans_are_read_and_one_more_is_not(alice: User) -> None:
    picture = ingest(alice, with_scans(100), "photo.jpg")
    assert (picture.width, picture.height) == (64, 64)
    with pytest.raises(intake.Refused, match="takes too much to read"):
        ingest(alice, with_scans(101), "photo.jpg")


def test_scans_of_the_small_picture_inside_the_notes_do_not_count(alice: User) -> None:
    content = with_scans(90)
    thumbnail = with_scans(100, side=16)
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    ingest(alice, content[:2] + segment + content[2:], "photo.jpg")


def an_order(files: list[object], **changes: int) -> DecodeOrder:
    master, tiny, small = (file.fileno() for file in files)  # type: ignore[attr-defined]
    values = {"max_pixels": 64_000_000, "max_side": 16384, "memory": intake.MEMORY, "seconds": 20} | changes
    return DecodeOrder(**values, master=master, thumbnails={256: tiny, 512: small}, squares={})


def converted(content: bytes, **changes: int) -> Outcome:
    files = [intake.scratch() for _n in range(4)]
    files[0].write(content)
    files[0].flush()
    try:
        return isolation.convert(files[0], an_order(list(files[1:]), **changes))
    finally:
        for file in files:
            file.close()


def test_a_decoder_that_wants_too_much_memory_is_stopped() -> None:
    content = specimens.encoded(Image.new("RGB", (6000, 6000), "navy"), "PNG")
    assert converted(content, memory=170 * 1024 * 1024).cause == Cause.TOO_COSTLY
    assert converted(content).cause == ""


@pytest.mark.few(1)
@pytest.mark.parametrize("form", few_of(specimens.FORMATS, ["JPEG", "WEBP"]))
def test_what_a_decoder_may_take_grows_with_the_picture(form: str) -> None:
    """A large picture at its worst: turned, through a profile, and seen through."""
    image = Image.new("RGB", (5000, 3000), "teal")
    stored, exif = specimens.turned(image, 6)
    if form != "JPEG":
        stored.putalpha(Image.new("L", stored.size, 128))
    fast = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0, "quality": 0}}
    options: dict[str, Any] = {"exif": exif, "icc_profile": specimens.swapped_profile(), **fast.get(form, {})}
    outcome = converted(specimens.encoded(stored, form, **options))
    size = stored.size if form == "WEBP" else (5000, 3000)
    assert (outcome.cause, outcome.width, outcome.height) == ("", *size)


def test_a_decoder_that_takes_too_long_is_stopped() -> None:
    content = specimens.encoded(specimens.photo(3000, 3000), "PNG", compress_level=1)
    began = time.monotonic()
    outcome = converted(content, seconds=0)
    assert outcome.cause == Cause.TOO_COSTLY
    assert time.monotonic() - began < 10


def test_a_decoder_that_crashes_is_a_refusal(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_ENVIRONMENT", {"PYTHONHOME": "/nowhere"})
    sentence = refusal(alice, specimens.encoded(specimens.drawing(), "PNG")).sentence
    assert sentence == "This file is damaged or was cut off. Save the picture again and upload that."


def test_a_forged_outcome_is_not_trusted() -> None:
    true = Outcome(format="png", width=1, height=1)
    assert Outcome.from_json(true.to_json()) == true
    for text in (
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        true.to_json().replace("1", '"1"'),
        true.to_json().replace("1", "1e3"),
        true.to_json().replace('"cause": ""', '"cause": "new"'),
        true.to_json().replace('"details": {}', '"details": {"most": "x"}'),
        true.to_json()[:-1] + ', "more": 1}',
    ):
        with pytest.raises((ValueError, RecursionError)):
            Outcome.from_json(text)


def test_the_decoder_inherits_no_secret_and_no_open_file() -> None:
    assert set(isolation._ENVIRONMENT) == {"MALLOC_ARENA_MAX", "OPENBLAS_NUM_THREADS", "LC_ALL"}
    source = Path(isolation.__file__).read_text()
    assert "preexec_fn" not in source


def test_the_decoder_knows_nothing_of_the_site() -> None:
    program = (
        "import sys; from generation.ingest import child, formats, png, reading;"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'django', 'numpy', 'image2', 'ssl', '_socket'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.long
def test_the_memory_of_the_site_stays_flat(alice: User) -> None:
    content = specimens.encoded(Image.new("RGB", (5000, 4000), "teal"), "JPEG")
    ingest(alice, content)
    tracemalloc.start()
    ingest(alice, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 1024 * 1024


@pytest.mark.long
def test_what_takes_too_much_room_without_loss_is_refused_and_leaves_nothing(
    alice: User, settings: Settings
) -> None:
    settings.UPLOAD_MASTER_MAX_BYTES = 2 * 2**20
    channels = [Image.effect_noise((1200, 1000), 90) for _n in range(3)]
    refused = refusal(alice, specimens.encoded(Image.merge("RGB", channels), "WEBP", quality=60))
    assert (refused.cause, refused.sentence) == (
        "too_detailed",
        "Kept without loss, this picture takes more than 2 MB. Make it smaller first.",
    )
    assert ingest(alice, specimens.encoded(specimens.drawing(1200, 1000), "PNG")).width == 1200


def test_when_storage_fails_nothing_is_stored_and_the_person_is_told(
    alice: User, local_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = specimens.encoded(specimens.drawing(), "PNG")
    # The folder of thumbnails can't be made where a file lies; the master before them was stored.
    (local_storage / "thumb").write_text("in the way")
    with pytest.raises(intake.Refused, match="couldn't be saved"):
        intake.ingest(user=alice, file=SimpleUploadedFile("x.png", content))
    assert not Upload.objects.exists()
    (local_storage / "thumb").unlink()
    from generation.files import sweeping

    assert sweeping.delete_due() == 1
