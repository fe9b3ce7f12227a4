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

from accounts.models import User
from generation import uploads
from generation.ingest import isolation
from generation.ingest.outcome import Cause, Order, Outcome
from generation.models import Upload
from tests.generation.files import specimens
from tests.generation.files.conftest import ingest, master_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_storage")]

Keys = Callable[[], set[str]]


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_what_is_refused(local_storage: Path, keys: Keys) -> Iterator[None]:
    yield
    if not Upload.objects.exists():
        assert keys() == set()


def refusal(user: User, content: bytes, name: str = "picture.png") -> uploads.Refused:
    with pytest.raises(uploads.Refused) as refused:
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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"hello", "This file is not a picture that can be read here. Use PNG, JPEG, WebP or AVIF."),
        (b"\0" * 5000, "not a picture"),
        (random.Random(1).randbytes(5000), "not a picture"),
        (SVG, "SVG files can not be used here. Save the picture as PNG or JPEG."),
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
        (heic(), "This is a HEIC photo, which can not be read here. Save it as JPEG and upload that."),
        (heic().replace(b"heic", b"isom").replace(b"mif1", b"mp42"), "MP4 files"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL files"),
        (b"\x89PNG\r\n\x1a\n", "damaged or was cut off"),
        (b"\xff\xd8\xff", "damaged or was cut off"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged or was cut off"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "damaged or was cut off"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_by_its_name(alice: User, content: bytes, words: str) -> None:
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
    with path.open("rb") as file, pytest.raises(uploads.Refused) as refused:
        uploads.ingest(user=alice, file=IncomingFile(file, "large.png"))
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
    with pytest.raises(uploads.Refused, match="larger than 25 MB"):
        uploads.ingest(user=alice, file=endless)
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
        except uploads.Refused as refused:
            assert refused.cause in {Cause.DAMAGED, Cause.TOO_COSTLY}  # noqa: PT017  either is right


def an_order(files: list[object], **changes: int) -> Order:
    master, tiny, small = (file.fileno() for file in files)  # type: ignore[attr-defined]
    values = {"max_pixels": 64_000_000, "max_side": 16384, "memory": uploads.MEMORY, "seconds": 20} | changes
    return Order(**values, master=master, thumbnails={256: tiny, 512: small})


def converted(content: bytes, **changes: int) -> Outcome:
    files = [uploads._scratch() for _n in range(4)]
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


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_what_a_decoder_may_take_grows_with_the_picture(form: str) -> None:
    """A large picture at its worst: turned, through a profile, and seen through."""
    image = Image.new("RGB", (5000, 3000), "teal")
    stored, exif = specimens.turned(image, 6)
    if form != "JPEG":
        stored.putalpha(Image.new("L", stored.size, 128))
    fast = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0, "quality": 0}}
    options: dict[str, Any] = {"exif": exif, "icc_profile": specimens.swapped_profile(), **fast.get(form, {})}
    outcome = converted(specimens.encoded(stored, form, **options))
    assert (outcome.cause, outcome.width, outcome.height) == ("", 5000, 3000)


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


def test_an_answer_that_was_made_up_is_not_believed() -> None:
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
    assert set(isolation._ENVIRONMENT) == {"MALLOC_ARENA_MAX", "LC_ALL"}
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


def test_the_memory_of_the_site_stays_flat(alice: User) -> None:
    content = specimens.encoded(Image.new("RGB", (5000, 4000), "teal"), "JPEG")
    ingest(alice, content)
    tracemalloc.start()
    ingest(alice, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 1024 * 1024


def test_too_many_at_once_are_told_to_wait(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_WAIT", 0.05)
    for _turn in range(uploads.AT_ONCE):
        uploads._turns.acquire()
    try:
        sentence = refusal(alice, specimens.encoded(specimens.drawing(), "PNG")).sentence
    finally:
        uploads._turns.release(uploads.AT_ONCE)
    assert sentence == "Many pictures are being read just now. Try again in a minute."


def test_when_storage_fails_nothing_is_kept_and_the_person_is_told(
    alice: User, local_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = specimens.encoded(specimens.drawing(), "PNG")
    # The folder of masters can not be made where a file lies; the original before it was stored.
    (local_storage / "master").write_text("in the way")
    with pytest.raises(uploads.Refused, match="could not be kept just now"):
        uploads.ingest(user=alice, file=SimpleUploadedFile("x.png", content))
    assert not Upload.objects.exists()
    (local_storage / "master").unlink()
    from generation import sweeping

    assert sweeping.delete_due() == 1
