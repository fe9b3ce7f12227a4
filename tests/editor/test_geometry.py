"""Turning, cropping, resizing and transforming: exact where it can be, bounded, and refused where it is hostile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from editor.log import schema
from editor.log.outline import Outline
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.geometry import placing
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes
from tests.editor.arrays import same
from tests.editor.calling import Pictures

ONE = 1 << 24
W, H = 300, 270
SAME = [ONE, 0, 0, 0, ONE, 0, 0, 0, ONE]
BOX = {"x0": 0, "y0": 0, "x1": W, "y1": H}


def noise() -> Bytes:
    pixels = np.random.default_rng(5).integers(0, 256, (H, W, 4), np.uint8)
    pixels[40:90, 40:90, 3] = 0
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def opened(kernels: Kernels, pixels: Bytes | None = None) -> Document:
    """A picture with a mask and a selection of different places."""
    made = noise() if pixels is None else pixels
    document = Document(kernels, Pictures({"a" * 64: made}))
    base = {"layer": "base", "name": "Base", "asset": "a" * 64}
    do(document, "open", width=made.shape[1], height=made.shape[0], **base)
    return document


def marked(document: Document) -> None:
    do(document, "select", shape="rectangle", how="replace", x0=10, y0=20, x1=120, y1=260)
    do(document, "layer.mask", layer="base", **{"from": "selection"})
    do(document, "select", shape="rectangle", how="replace", x0=5, y0=6, x1=70, y1=80)


def do(document: Document, kind: str, **body: Any) -> None:
    if kind != "open":
        schema.check(kind, body, b"")
    document.apply(kind, body, b"")


def state(document: Document) -> list[Bytes]:
    layer, inside = document.layers[0], (0, 0, *document.size)
    assert layer.mask is not None
    assert document.selection is not None
    return [layer.pixels.read(inside), layer.mask.read(inside), document.selection.read(inside)]


NUMPY = {
    "flip_x": lambda values: values[:, ::-1],
    "flip_y": lambda values: values[::-1],
    "90": lambda values: np.rot90(values, -1),
    "180": lambda values: np.rot90(values, 2),
    "270": lambda values: np.rot90(values, 1),
}


@pytest.mark.parametrize("how", placing.HOWS)
def test_turning_moves_bytes_of_pixels_masks_and_selection_and_there_and_back_is_nothing(how: str) -> None:
    back = {"90": "270", "270": "90"}.get(how, how)
    with Kernels() as kernels:
        document = opened(kernels)
        marked(document)
        before = state(document)
        do(document, "orient", how=how)
        for old, new in zip(before, state(document), strict=True):
            same(new, np.ascontiguousarray(NUMPY[how](old)))
        do(document, "orient", how=back)
        for old, new in zip(before, state(document), strict=True):
            same(new, old)


def test_a_crop_is_a_part_of_the_bytes_and_keeps_the_rest_unless_it_is_discarded() -> None:
    box = {"x0": 30, "y0": 17, "x1": 200, "y1": 260}
    for discard in (False, True):
        with Kernels() as kernels:
            document = opened(kernels)
            marked(document)
            before = state(document)
            do(document, "crop", **box, discard=discard)
            assert document.size == (170, 243)
            for old, new in zip(before, state(document), strict=True):
                same(new, old[17:260, 30:200])
            do(document, "canvas", width=W, height=H, dx=30, dy=17, keep=True)
            kept = state(document)
            whole = noise()
            if discard:
                whole[:17], whole[260:], whole[:, :30], whole[:, 200:] = 0, 0, 0, 0
            same(kept[0], whole)
            assert kept[2].any(), "the selection moves along"


@pytest.mark.parametrize("method", ["nearest", "bilinear", "lanczos"])
def test_resizing_keeps_one_colour_and_the_edges_and_lends_no_colour_to_what_is_transparent(
    method: str,
) -> None:
    pixels = np.zeros((90, 120, 4), np.uint8)
    pixels[:, :60] = (200, 30, 40, 255)
    with Kernels() as kernels:
        for size in ((37, 200), (120, 7), (400, 300)):
            document = opened(kernels, pixels)
            do(document, "resize", width=size[0], height=size[1], method=method)
            found = document.layers[0].pixels.read((0, 0, *size))
            seen = found[..., 3] > 0
            assert (abs(found[seen][:, :3].astype(int) - (200, 30, 40)) <= 2).all(), (
                "no black from beyond the edge"
            )
            left = found[:, : size[0] // 2 - 4 * max(1, size[0] // 120) - 4]
            assert (left == (200, 30, 40, 255)).all(), "also in the first row and the last one"


def test_nearest_at_a_whole_factor_repeats_pixels_and_lanczos_is_close_to_pillow() -> None:
    from PIL import Image

    y, x = np.mgrid[0:H, 0:W]
    waves = (127 + 100 * np.sin(x / 19) * np.cos(y / 23)).astype(np.uint8)
    pixels = np.dstack([waves, waves[::-1], 255 - waves, np.full_like(waves, 255)])
    with Kernels() as kernels:
        document = opened(kernels)
        do(document, "resize", width=2 * W, height=3 * H, method="nearest")
        same(
            document.layers[0].pixels.read((0, 0, 2 * W, 3 * H)), noise().repeat(2, axis=1).repeat(3, axis=0)
        )
        for size in ((150, 100), (470, 401)):
            document = opened(kernels, pixels)
            do(document, "resize", width=size[0], height=size[1], method="lanczos")
            theirs = np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
            apart = abs(document.layers[0].pixels.read((0, 0, *size)).astype(int) - theirs)
            assert apart.max() <= 2


@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic"])
def test_a_transform_that_moves_by_whole_pixels_or_mirrors_is_exact(method: str) -> None:
    moved = [ONE, 0, -33 * ONE, 0, ONE, 9 * ONE, 0, 0, ONE]
    mirrored = [-ONE, 0, W * ONE, 0, ONE, 0, 0, 0, ONE]
    with Kernels() as kernels:
        document = opened(kernels)
        do(document, "transform", layer="base", matrix=mirrored, method=method, **BOX)
        same(document.layers[0].pixels.read((0, 0, W, H)), noise()[:, ::-1])
        document = opened(kernels)
        far = {"x0": -100, "y0": -100, "x1": 500, "y1": 500}
        do(document, "transform", layer="base", matrix=moved, method=method, **far)
        same(document.layers[0].pixels.read((33, -9, W + 33, H - 9)), noise())


def test_a_transform_of_what_is_selected_leaves_the_rest_and_takes_the_selection_along() -> None:
    with Kernels() as kernels:
        document = opened(kernels)
        do(document, "select", shape="rectangle", how="replace", x0=100, y0=100, x1=150, y1=150)
        moved = [ONE, 0, -100 * ONE, 0, ONE, 0, 0, 0, ONE]
        do(document, "transform", layer="base", matrix=moved, method="bicubic", **BOX)
        found = document.layers[0].pixels.read((0, 0, W, H))
        assert document.selection is not None
        chosen = document.selection.read((0, 0, W, H))
    expected = noise()
    lifted = expected[100:150, 100:150].copy()
    expected[100:150, 100:150] = 0
    opaque = lifted[..., 3] == 255
    same(found[100:150, 200:250][opaque], lifted[opaque])
    expected[100:150, 200:250] = found[100:150, 200:250]
    same(found, expected)
    assert chosen[100:150, 200:250].all()
    assert chosen.sum() == 255 * 50 * 50


def test_a_picture_made_much_smaller_by_a_transform_is_the_mean_of_its_pixels() -> None:
    checks = np.zeros((H, W, 4), np.uint8)
    checks[..., 3], checks[::2, ::2, :3], checks[1::2, 1::2, :3] = 255, 200, 200
    small = [8 * ONE, 0, 0, 0, 8 * ONE, 0, 0, 0, ONE]
    with Kernels() as kernels:
        document = opened(kernels, checks)
        do(document, "transform", layer="base", matrix=small, method="bilinear", **BOX)
        found = document.layers[0].pixels.read((4, 4, 30, 28))
    assert (abs(found[..., :3].astype(int) - 100) <= 1).all(), "no pattern of chance"


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("orient", {"how": "45"}),
    ("orient", {"how": ["90"]}),
    ("crop", {"x0": 5, "y0": 0, "x1": 5, "y1": 9}),
    ("crop", {"x0": 9, "y0": 0, "x1": 5, "y1": 9}),
    ("crop", {"x0": -8000, "y0": 0, "x1": 8000, "y1": 9}),
    ("crop", {"x0": 0, "y0": 0, "x1": 10**9, "y1": 9}),
    ("crop", {"x0": 0.5, "y0": 0, "x1": 9, "y1": 9}),
    ("crop", {"x0": 0, "y0": 0, "x1": 9}),
    ("resize", {"width": 0, "height": 9, "method": "nearest"}),
    ("resize", {"width": 8193, "height": 9, "method": "nearest"}),
    ("resize", {"width": True, "height": 9, "method": "nearest"}),
    ("resize", {"width": 9, "height": 9, "method": "magic"}),
    ("straighten", {"width": 9, "height": 9, "matrix": SAME[:8], "method": "nearest"}),
    ("straighten", {"width": 9, "height": 9, "matrix": [float("nan")] * 9, "method": "nearest"}),
    ("straighten", {"width": 9, "height": 9, "matrix": [2**35, *SAME[1:]], "method": "nearest"}),
    ("straighten", {"width": 9, "height": 9, "matrix": [*SAME[:8], 2**51], "method": "nearest"}),
    ("straighten", {"width": 9, "height": 9, "matrix": [*SAME[:8], 1.0], "method": "nearest"}),
    ("transform", {"layer": "base", "matrix": SAME, "method": "nearest", **BOX, "x1": -1}),
    (
        "transform",
        {
            "layer": "base",
            "matrix": SAME,
            "method": "nearest",
            "x0": -16384,
            "y0": -16384,
            "x1": 16384,
            "y1": 0,
        },
    ),
    ("transform", {"layer": "../x", "matrix": SAME, "method": "nearest", **BOX}),
]


@pytest.mark.parametrize(("kind", "body"), HOSTILE)
def test_hostile_values_are_refused_with_a_sentence(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(schema.Refused) as refused:
        schema.check(kind, body, b"")
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    "matrix",
    [[0] * 9, [2**34] * 9, [-(2**34), 2**34, -(2**50)] * 3, [ONE, 0, 0, 0, ONE, 0, -ONE, 0, 100 * ONE]],
)
def test_a_projection_without_sense_gives_nothing_and_harms_nothing(matrix: list[int]) -> None:
    with Kernels() as kernels:
        document = opened(kernels)
        marked(document)
        do(document, "straighten", width=200, height=100, matrix=matrix, method="bicubic")
        assert document.size == (200, 100)
        document.digest()


def test_the_outline_knows_sizes_locks_and_groups() -> None:
    outline = Outline()
    outline.apply("open", {"width": 30, "height": 20, "layer": "base", "name": "Base"})
    outline.apply("select", {"shape": "all"})
    assert outline.apply("orient", {"how": "90"})
    assert outline.apply("crop", {"x0": 3, "y0": 0, "x1": 13, "y1": 7})
    kept = Outline.from_json(outline.to_json())
    assert (kept.size, kept.selection is not None) == ((10, 7), True)
    kept.apply("resize", {"width": 99, "height": 8, "method": "lanczos"})
    kept.apply("straighten", {"width": 9, "height": 8, "matrix": SAME, "method": "nearest"})
    assert kept.size == (9, 8)
    kept.apply("layer.add", {"layer": "group", "name": "Group", "group_layer": True})
    transform = {"matrix": SAME, "method": "nearest", **BOX}
    assert not kept.apply("transform", {"layer": "base", **transform})
    with pytest.raises(Impossible, match="A group has no pixels"):
        kept.apply("transform", {"layer": "group", **transform})
    kept.apply("select", {"shape": "none"})
    assert not kept.apply("transform", {"layer": "group", **transform})
    kept.apply("layer.set", {"layer": "base", "locked": True})
    with pytest.raises(Impossible, match="locked"):
        kept.apply("transform", {"layer": "base", **transform})
