"""Selected pixels are moved to the pixel: they arrive as they were, leave nothing behind, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.log.outline import Outline
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from tests.editor.calling import NoAssets

WIDTH, HEIGHT = 300, 280
INSIDE = (0, 0, WIDTH, HEIGHT)


def a_document(kernels: Kernels, seed: int) -> Document:
    document = Document(kernels, NoAssets())
    document.apply("open", {"width": WIDTH, "height": HEIGHT, "layer": "base", "name": "Background"}, b"")
    pixels = np.random.default_rng(seed).integers(1, 256, (HEIGHT, WIDTH, 4), np.uint8)
    document.layers[0].pixels.write(INSIDE, pixels)
    return document


@given(
    seed=st.integers(0, 99),
    corner=st.tuples(st.integers(-20, WIDTH - 1), st.integers(-20, HEIGHT - 1)),
    size=st.tuples(st.integers(1, WIDTH), st.integers(1, HEIGHT)),
    by=st.tuples(st.integers(-WIDTH, WIDTH), st.integers(-HEIGHT, HEIGHT)),
    copy=st.booleans(),
)
def test_opaque_pixels_arrive_as_they_were(
    seed: int, corner: tuple[int, int], size: tuple[int, int], by: tuple[int, int], copy: bool
) -> None:
    box = {"x0": corner[0], "y0": corner[1], "x1": corner[0] + size[0], "y1": corner[1] + size[1]}
    with Kernels() as kernels:
        document = a_document(kernels, seed)
        before = document.layers[0].pixels.read(INSIDE)
        before[..., 3] = 255
        document.layers[0].pixels.write(INSIDE, before)
        document.apply("select", {"shape": "rectangle", "how": "replace", **box}, b"")
        document.apply("move", {"layer": "base", "dx": by[0], "dy": by[1], "copy": copy}, b"")
        after = document.layers[0].pixels.read(INSIDE)
        assert document.selection is not None
        selected = document.selection.read(INSIDE)

    chosen = np.zeros((HEIGHT, WIDTH), bool)
    inner = {name: max(0, value) for name, value in box.items()}
    chosen[inner["y0"] : inner["y1"], inner["x0"] : inner["x1"]] = True
    expected = before.copy()
    if not copy:
        expected[chosen] = 0
    moved = np.zeros_like(chosen)
    ys, xs = np.nonzero(chosen)
    to_y, to_x = ys + by[1], xs + by[0]
    kept = (to_y >= 0) & (to_y < HEIGHT) & (to_x >= 0) & (to_x < WIDTH)
    expected[to_y[kept], to_x[kept]] = before[ys[kept], xs[kept]]
    moved[to_y[kept], to_x[kept]] = True
    assert (after == expected).all()
    assert (selected == np.where(moved, 255, 0)).all()


def test_without_a_selection_nothing_is_moved_and_the_log_says_the_same() -> None:
    body = {"layer": "base", "dx": 3, "dy": 4}
    with Kernels() as kernels:
        document = a_document(kernels, 1)
        with pytest.raises(Impossible, match="Select what is to be moved first"):
            document.apply("move", body, b"")
    outline = Outline()
    outline.apply("open", {"width": WIDTH, "height": HEIGHT, "layer": "base", "name": "Background"})
    with pytest.raises(Impossible, match="Select what is to be moved first"):
        outline.apply("move", body)


def test_what_was_moved_out_of_the_picture_comes_back() -> None:
    with Kernels() as kernels:
        document = a_document(kernels, 2)
        before = document.layers[0].pixels.read(INSIDE)
        document.apply("select", {"shape": "all"}, b"")
        document.apply("move", {"layer": "base", "dx": 1000, "dy": -700}, b"")
        assert not document.layers[0].pixels.read(INSIDE).any()
        document.apply("select", {"shape": "none"}, b"")
        document.apply("layer.shift", {"layer": "base", "dx": -1000, "dy": 700}, b"")
        assert (document.layers[0].pixels.read(INSIDE) == before).all()
