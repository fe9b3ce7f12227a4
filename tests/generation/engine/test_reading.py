"""Pictures read in strips are those that Pillow decodes whole, and a large one is never held."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from generation.engine.edits import original
from generation.engine.edits.original import Original, read_mask
from generation.engine.pixels import reading
from generation.engine.pixels.encode import PngWriter
from generation.png import NotAPng
from generation.requests.boxes import Box
from generation.requests.sizes import Size
from tests.examples import examples


def noise(width: int, height: int, channels: int) -> Image.Image:
    shape = (height, width) if channels == 1 else (height, width, channels)
    levels = np.random.default_rng(width + 1000 * height).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(levels)


def whole(path: Path, mode: str) -> np.typing.NDArray[np.uint8]:
    return np.concatenate(list(reading.strips(path, mode)))


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    width=st.integers(1, 70), height=st.integers(1, 330), channels=st.integers(1, 4),
    mode=st.sampled_from(["L", "RGB", "RGBA"]),
)  # fmt: skip
def test_strips_together_are_the_picture(
    tmp_path: Path, width: int, height: int, channels: int, mode: str
) -> None:
    path = tmp_path / "a.png"
    noise(width, height, channels).save(path)
    with Image.open(path) as picture:
        assert np.array_equal(whole(path, mode), np.asarray(picture.convert(mode)))


@pytest.mark.parametrize("channels", [3, 4])
def test_a_master_of_our_own_encoder_is_read(tmp_path: Path, channels: int) -> None:
    pixels = np.asarray(noise(130, 400, channels))
    with (
        ThreadPoolExecutor(2) as threads,
        PngWriter(tmp_path / "a.png", 130, 400, chunks=b"", executor=threads, channels=channels) as writer,
    ):
        writer.write(pixels)
    assert np.array_equal(whole(tmp_path / "a.png", "RGB" if channels == 3 else "RGBA"), pixels)


@pytest.mark.parametrize("kind", ["palette", "transparent colour", "16 bits", "jpeg"])
def test_what_has_no_such_rows_is_decoded_whole(tmp_path: Path, kind: str) -> None:
    path, picture = tmp_path / "a.png", noise(60, 200, 3)
    match kind:
        case "palette":
            picture.quantize(20).save(path)
        case "transparent colour":
            picture.save(path, transparency=(1, 2, 3))
        case "16 bits":
            Image.fromarray(np.asarray(picture)[:, :, 0].astype(np.uint16) * 257).save(path)
        case "jpeg":
            picture.save(path, "JPEG")
    with Image.open(path) as found:
        assert np.array_equal(whole(path, "RGB"), np.asarray(found.convert("RGB")))


def test_a_file_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    noise(300, 300, 3).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises((NotAPng, OSError)):
        whole(path, "RGB")


def test_a_large_picture_is_not_held(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((3000, 6000)).convert("RGB").save(tmp_path / "a.png")
    tracemalloc.start()
    try:
        picture = Original.read(tmp_path / "a.png")
        seen = picture.seen(Box(0, 0, 3000, 6000), Size(200, 400))
        window = picture.rows()
        rows = sum(len(window.between(top, top + 100)) for top in range(0, 6000, 100))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (rows, seen.size) == (6000, (200, 400))
    assert peak < 12 * 1024 * 1024  # the picture has 54 million bytes


@pytest.mark.parametrize("held", [True, False])
def test_it_is_the_same_held_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: bool) -> None:
    path = tmp_path / "a.png"
    pixels = np.asarray(noise(130, 210, 4))
    Image.fromarray(pixels).save(path)
    monkeypatch.setattr(original, "_HELD", 10**6 if held else 0)
    picture = Original.read(path)
    assert (picture.size, picture.channels) == (Size(130, 210), 4)
    assert np.array_equal(picture.pixels, pixels)
    rows, columns = np.asarray([0, 0, 100, 209]), np.asarray([5, 129])
    assert np.array_equal(picture.at(rows, columns), pixels[np.ix_(rows, columns)])
    assert np.array_equal(read_mask(path), np.asarray(Image.fromarray(pixels).convert("L")))

    canvas, mask = Original.on_canvas(path, Size(180, 400), (30, 120))
    padded = np.pad(pixels, ((120, 70), (30, 20), (0, 0)), mode="edge")
    assert np.array_equal(canvas.pixels, padded)
    assert np.array_equal(mask == 0, np.pad(np.ones((210, 130), bool), ((120, 70), (30, 20))))

    box = Box(-10, 50, 90, 150)
    view = np.asarray(Image.fromarray(pixels[50:150, :90]).resize((45, 50), Image.Resampling.LANCZOS))
    expected = Image.alpha_composite(Image.new("RGBA", (45, 50), "white"), Image.fromarray(view)).convert(
        "RGB"
    )
    seen = np.asarray(picture.seen(box, Size(50, 50)))
    assert np.abs(seen[:, 5:].astype(int) - np.asarray(expected)).mean() < 0.3
    assert np.array_equal(seen[:, 0], seen[:, 4])  # its edge goes on
