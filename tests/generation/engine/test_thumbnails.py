"""Thumbnails from the flowing rows look like thumbnails of the whole picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.thumbnails import SIDES, Thumbnails
from generation.requests.sizes import Size


def gradient(width: int, height: int) -> Pixels:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    "size", [Size(3840, 1646), Size(682, 1024), Size(2048, 2048), Size(100, 40)], ids=str
)
def test_each_side_has_its_file_with_the_shape_of_the_picture(tmp_path: Path, size: Size) -> None:
    pixels = gradient(size.width, size.height)
    thumbnails = Thumbnails(size)
    for strip in np.array_split(pixels, 7):
        thumbnails.write(strip)
    paths = thumbnails.save(tmp_path, "a")
    assert tuple(paths) == SIDES
    for side, path in paths.items():
        with Image.open(path) as small:
            assert small.format == "WEBP"
            assert Size(*small.size) == size.fit(side)
            whole = Image.fromarray(pixels).resize(small.size, Image.Resampling.BOX)
            difference = np.asarray(small.convert("RGB")).astype(int) - np.asarray(whole).astype(int)
            assert np.abs(difference[:, :, :2]).mean() < 4


def test_what_can_be_seen_through_stays_so_without_a_dark_edge(tmp_path: Path) -> None:
    size = Size(2100, 900)
    pixels = np.zeros((size.height, size.width, 4), np.uint8)  # what is invisible is black in a file
    pixels[333:700, 501:1402] = (250, 200, 40, 255)
    thumbnails = Thumbnails(size, 4)
    for strip in np.array_split(pixels, 7):
        thumbnails.write(strip)
    for path in thumbnails.save(tmp_path, "a").values():
        with Image.open(path) as small:
            assert small.mode == "RGBA"
            levels = np.asarray(small).astype(int)
        whole = Image.fromarray(pixels[:, :, 3]).resize(
            (levels.shape[1], levels.shape[0]), Image.Resampling.BOX
        )
        assert np.abs(levels[:, :, 3] - np.asarray(whole)).mean() < 2
        seen = levels[levels[:, :, 3] > 60][:, :3]
        assert np.abs(np.median(seen, axis=0) - (250, 200, 40)).max() < 8
        assert seen[:, 0].min() > 200


def test_a_small_picture_is_never_enlarged() -> None:
    assert Size(100, 40).fit(256) == Size(100, 40)
    assert Size(3840, 2).fit(256) == Size(256, 1)
