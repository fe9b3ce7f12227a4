"""The 4K stage: exact sizes, no stretching, and the stream is the whole-picture resize."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.resample import cover_box, resize_strips
from generation.engine.pixels.tiling import Floats
from generation.engine.pixels.upscale import passes, upscaled
from generation.requests import catalogue
from generation.requests.sizes import SHAPES, SIZES, Size, output_size
from tests.examples import examples


class Repeater:
    """A scaler of factor 4 that repeats pixels."""

    name, revision, scale, margin = "repeat-x4", "", 4, 0

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def enlarge(self, tiles: Floats) -> Floats:
        self.seen.append(tiles.shape)
        return tiles.repeat(4, axis=1).repeat(4, axis=2)


def photo(width: int, height: int) -> Pixels:
    """Smooth with edges and some noise."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    levels = np.asarray(coarse).astype(int) + rng.integers(-9, 10, (height, width, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)


@pytest.mark.few(8)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_every_shape_and_size_comes_out_exact(shape: str, size: str) -> None:
    base, target = catalogue.get("bundled").base_size(shape), output_size(shape, size)
    strips = list(upscaled(photo(base.width, base.height), target, None))
    assert {strip.shape[1] for strip in strips} == {target.width}
    assert sum(len(strip) for strip in strips) == target.height


@settings(max_examples=examples(25))
@given(
    source=st.tuples(st.integers(8, 150), st.integers(8, 150)),
    target=st.tuples(st.integers(1, 300), st.integers(1, 400)),
    cut=st.integers(1, 60),
)
def test_resizing_in_strips_is_resizing_the_whole(
    source: tuple[int, int], target: tuple[int, int], cut: int
) -> None:
    picture = photo(*source)
    strips = (picture[top : top + cut] for top in range(0, len(picture), cut))
    streamed = np.concatenate(list(resize_strips(strips, Size(*source), Size(*target))))
    box = cover_box(Size(*source), Size(*target))
    across = Image.fromarray(picture).resize(
        (target[0], source[1]), Image.Resampling.LANCZOS, box=(box.left, 0, box.right, source[1])
    )
    whole = across.resize(target, Image.Resampling.LANCZOS, box=(0, box.top, target[0], box.bottom))
    assert np.abs(streamed.astype(int) - np.asarray(whole).astype(int)).max() <= 1


def test_the_stream_is_as_good_as_pillow_in_one_call() -> None:
    picture = photo(256, 144)
    streamed = np.concatenate(list(upscaled(picture, Size(1920, 1080), None)))
    whole = np.asarray(Image.fromarray(picture).resize((1920, 1080), Image.Resampling.LANCZOS))
    assert np.abs(streamed.astype(int) - whole.astype(int)).mean() < 0.1


@given(
    source=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    target=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
)
def test_the_kept_part_has_the_shape_of_the_target_and_lies_in_the_middle(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    box = cover_box(Size(*source), Size(*target))
    assert 0 <= box.left < box.right <= source[0]
    assert 0 <= box.top < box.bottom <= source[1]
    assert (box.right - box.left) * target[1] == pytest.approx((box.bottom - box.top) * target[0])
    assert box.left == pytest.approx(source[0] - box.right, abs=1e-6)
    assert box.left == pytest.approx(0, abs=1e-6) or box.top == pytest.approx(0, abs=1e-6)


def test_the_network_is_applied_until_the_picture_is_large_enough() -> None:
    scaler = Repeater()
    assert passes(Size(256, 144), Size(1024, 576), scaler) == 1
    assert passes(Size(256, 144), Size(3840, 2160), scaler) == 2
    assert passes(Size(1344, 768), Size(3840, 2160), scaler) == 1
    assert (
        passes(Size(192, 192), Size(3840, 3840), scaler) == 2
    )  # twenty times: sixteen by it, the rest stretched
    assert passes(Size(1344, 768), Size(1024, 576), scaler) == 0
    assert passes(Size(256, 144), Size(3840, 2160), None) == 0


def test_two_passes_and_an_exact_resize_give_the_exact_size() -> None:
    scaler = Repeater()
    picture = photo(64, 36)
    strips = list(upscaled(picture, Size(960, 540), scaler))
    assert np.concatenate(strips).shape == (540, 960, 3)
    assert len(scaler.seen) > 2
    # What it shows is still the picture: shrunk back, it is close to what went in.
    small = Image.fromarray(np.concatenate(strips)).resize((64, 36), Image.Resampling.BOX)
    assert np.abs(np.asarray(small).astype(int) - picture).mean() < 6


def test_where_the_passes_fall_short_the_input_of_the_last_is_stretched() -> None:
    scaler = Repeater()
    strips = list(upscaled(photo(48, 36), Size(960, 720), scaler))
    assert np.concatenate(strips).shape == (720, 960, 3)
    assert passes(Size(48, 36), Size(960, 720), scaler) == 2
    assert {shape[1:3] for shape in scaler.seen} == {(36, 48), (180, 124)}


def test_a_picture_of_another_shape_is_cropped_not_stretched() -> None:
    disc = np.zeros((128, 200, 3), np.uint8)
    y, x = np.mgrid[:128, :200]
    disc[(y - 64) ** 2 + (x - 100) ** 2 < 40**2] = 255
    out = np.concatenate(list(upscaled(disc, Size(384, 216), None)))[:, :, 0] > 127
    assert abs(int(out.any(axis=0).sum()) - int(out.any(axis=1).sum())) <= 1
