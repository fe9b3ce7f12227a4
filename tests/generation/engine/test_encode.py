"""The streaming PNG encoder: valid, lossless, the same bytes each time."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generation.engine.pixels.encode import STRIP_ROWS, Pixels, PngWriter, filter_rows
from tests.examples import examples


def noise(width: int, height: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encode(
    pixels: Pixels, path: Path, *, cuts: tuple[int, ...] = (), threads: int = 2, chunks: bytes = b""
) -> PngWriter:
    with ThreadPoolExecutor(threads) as executor:
        writer = PngWriter(path, pixels.shape[1], pixels.shape[0], chunks=chunks, executor=executor)
        with writer:
            for strip in np.split(pixels, sorted(cuts)):
                writer.write(strip)
    return writer


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """A strict reading of the container: signature, lengths, checksums, nothing after the end."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, place = [], 8
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        (crc,) = struct.unpack_from(">I", data, place + 8 + length)
        assert crc == zlib.crc32(name + body)
        found.append((name, body))
        place += 12 + length
    return found


@settings(max_examples=examples(25))
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 3 * STRIP_ROWS),
    cuts=st.sets(st.integers(0, 200), max_size=4),
)
def test_every_picture_comes_back_as_it_went_in_however_it_was_cut(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, cuts: set[int]
) -> None:
    path = tmp_path_factory.mktemp("png") / "a.png"
    pixels = noise(width, height)
    encode(pixels, path, cuts=tuple(cut for cut in cuts if cut < height))
    with Image.open(path) as picture:
        picture.load()
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture), pixels)


def test_the_container_is_strictly_valid(tmp_path: Path) -> None:
    pixels = noise(30, 2 * STRIP_ROWS + 5)
    encode(pixels, tmp_path / "a.png")
    chunks = chunks_of((tmp_path / "a.png").read_bytes())
    names = [name for name, _ in chunks]
    assert names[0] == b"IHDR"
    assert names[-1] == b"IEND"
    assert set(names[1:-1]) == {b"sRGB", b"IDAT"}
    stream = zlib.decompressobj()
    filtered = stream.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    assert stream.eof  # with its own checksum right, and nothing after it
    assert stream.unused_data == b""
    assert len(filtered) == pixels.shape[0] * (1 + 3 * pixels.shape[1])


def test_the_bytes_do_not_depend_on_threads_or_on_how_rows_arrive(tmp_path: Path) -> None:
    pixels = noise(64, 300)
    one = encode(pixels, tmp_path / "one.png", threads=1)
    other = encode(pixels, tmp_path / "other.png", threads=4, cuts=(1, 97, 250))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()
    assert one.sha256 == other.sha256
    assert one.bytes_written == (tmp_path / "one.png").stat().st_size


def test_a_file_with_missing_rows_is_an_error(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        writer = PngWriter(tmp_path / "a.png", 4, 10, chunks=b"", executor=executor)
        writer.write(noise(4, 9))
        with pytest.raises(ValueError, match="9 of 10 rows"):
            writer.__exit__(None, None, None)


def test_a_strip_of_another_width_is_an_error(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        writer = PngWriter(tmp_path / "a.png", 4, 10, chunks=b"", executor=executor)
        with pytest.raises(ValueError, match="does not fit"):
            writer.write(noise(5, 10))
        writer.__exit__(ValueError, None, None)


def test_filtered_rows_are_those_of_the_standard() -> None:
    """Paeth, pixel by pixel as ISO/IEC 15948 writes it."""
    strip, above = noise(7, 5, seed=1), noise(7, 1, seed=2)
    rows = np.concatenate([above, strip]).astype(int)
    expected = np.zeros_like(strip)
    for y, x, c in np.ndindex(*strip.shape):
        a = rows[y + 1, x - 1, c] if x else 0
        b = rows[y, x, c]
        corner = rows[y, x - 1, c] if x else 0
        guess = a + b - corner
        distances = [abs(guess - a), abs(guess - b), abs(guess - corner)]
        predicted = (a, b, corner)[distances.index(min(distances))]
        expected[y, x, c] = (rows[y + 1, x, c] - predicted) % 256
    filtered = filter_rows(strip, above)
    assert (filtered[:, 0] == 4).all()
    assert np.array_equal(filtered[:, 1:].reshape(strip.shape), expected)
