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


def test_a_small_picture_is_never_enlarged() -> None:
    assert Size(100, 40).fit(256) == Size(100, 40)
    assert Size(3840, 2).fit(256) == Size(256, 1)
