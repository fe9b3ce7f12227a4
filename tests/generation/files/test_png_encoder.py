"""The encoder of masters: every pixel comes back, and a photograph takes much less than with one filter for all."""

from __future__ import annotations

import io
import random
import zlib

import pytest
from PIL import Image, ImageChops

from generation.ingest import png
from tests.generation.files import specimens


def written(image: Image.Image) -> bytes:
    out = io.BytesIO()
    png.write(image, out)
    return out.getvalue()


def noise(size: tuple[int, int], mode: str) -> Image.Image:
    """The same at each run."""
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * len(mode)))


def photograph(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Soft shapes of several sizes under a little grain, kept once as JPEG: as cameras give them."""
    picture = Image.new("RGB", size, "grey")
    for scale, share in ((100, 0.7), (25, 0.3), (8, 0.12)):
        shapes = noise((size[0] // scale, size[1] // scale), "RGB")
        picture = Image.blend(picture, shapes.resize(size, Image.Resampling.BICUBIC), share)
    picture = Image.blend(picture, noise(size, "RGB"), 0.02)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    image = Image.open(out)
    image.load()
    return image


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (97, 129), (640, 257)])
def test_every_pixel_comes_back(mode: str, size: tuple[int, int]) -> None:
    slope = specimens.drawing(*size).convert(mode)
    flat = Image.new(mode, size, (10, 200, 30, 128)[: len(mode)])
    for image in (noise(size, mode), slope, flat):
        back = Image.open(io.BytesIO(written(image)), formats=["PNG"])
        back.load()
        assert (back.mode, back.size, back.info) == (mode, size, {"srgb": 0})
        assert back.tobytes() == image.tobytes()


def test_a_photograph_takes_much_less_than_with_one_filter_for_all() -> None:
    image = photograph()
    up = ImageChops.subtract_modulo(
        image, image.transform(image.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, -1))
    )
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    before = len(packer.compress(up.tobytes()) + packer.flush())
    assert len(written(image)) < 0.95 * before


def test_the_bytes_depend_on_the_pixels_only() -> None:
    image = photograph()
    out = io.BytesIO()
    png.write(image.copy(), out, threads=1)
    assert out.getvalue() == written(image)
