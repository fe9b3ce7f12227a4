"""A mesh bends a layer, a group or what is selected; hostile ones are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.log import schema
from editor.log.outline import Outline
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.geometry.meshing import FARTHEST
from editor.replay.geometry.warping import METHODS
from editor.replay.layers import Impossible
from tests.editor.arrays import same
from tests.editor.test_geometry import BOX, H, W, do, marked, noise, opened, state
from tests.examples import examples

GRID = {"columns": 3, "rows": 3, "method": "bicubic", **BOX}
STILL = [0] * 32


def moved(handle: tuple[int, int], by: tuple[int, int]) -> list[int]:
    """The grid of 3 x 3 with one handle (column, row) moved, in pixels."""
    points = list(STILL)
    at = 2 * (handle[1] * 4 + handle[0])
    points[at : at + 2] = [16 * by[0], 16 * by[1]]
    return points


def pixels_of(document: Document) -> Any:
    return document.layers[0].pixels.read((-64, -64, W + 64, H + 64))


@settings(max_examples=examples(12))
@given(
    columns=st.integers(1, 8),
    rows=st.integers(1, 8),
    box=st.tuples(st.integers(-90, 200), st.integers(-90, 200), st.integers(1, 400), st.integers(1, 300)),
    method=st.sampled_from(METHODS),
)
def test_a_grid_that_is_as_it_was_changes_no_byte(
    kernels: Kernels, columns: int, rows: int, box: tuple[int, int, int, int], method: str
) -> None:
    document = opened(kernels)
    marked(document)
    before = state(document)
    x, y, w, h = box
    points = [0] * (2 * (columns + 1) * (rows + 1))
    sides = {"x0": x, "y0": y, "x1": x + w, "y1": y + h, "columns": columns, "rows": rows}
    do(document, "mesh", layer="base", **sides, points=points, method=method)
    for old, new in zip(before, state(document), strict=True):
        same(new, old)


@pytest.mark.parametrize("method", METHODS)
def test_a_handle_moves_what_is_around_it_and_no_byte_further_away(kernels: Kernels, method: str) -> None:
    document = opened(kernels)
    do(document, "mesh", layer="base", **{**GRID, "method": method}, points=moved((0, 0), (-20, -12)))
    found = pixels_of(document)[64:-64, 64:-64]
    # A handle reaches two parts of the grid.
    same(found[2 * H // 3 :, :], noise()[2 * H // 3 :, :])
    same(found[:, 2 * W // 3 :], noise()[:, 2 * W // 3 :])
    assert (found[: H // 3, : W // 3] != noise()[: H // 3, : W // 3]).any()


def test_what_was_at_a_handle_is_where_the_handle_is_now(kernels: Kernels) -> None:
    pixels = np.zeros((H, W, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[H // 3 - 3 : H // 3 + 3, W // 3 - 3 : W // 3 + 3, 0] = 255
    document = opened(kernels, pixels)
    do(document, "mesh", layer="base", **GRID, points=moved((1, 1), (31, 17)))
    red = document.layers[0].pixels.read((0, 0, W, H))[..., 0].astype(float)
    rows, columns = np.mgrid[:H, :W]
    middle = (red * columns).sum() / red.sum(), (red * rows).sum() / red.sum()
    assert abs(middle[0] - (W // 3 + 31 - 0.5)) < 1
    assert abs(middle[1] - (H // 3 + 17 - 0.5)) < 1


@pytest.mark.parametrize("method", METHODS)
def test_a_grid_moved_by_whole_pixels_moves_them(kernels: Kernels, method: str) -> None:
    document = opened(kernels)
    do(document, "mesh", layer="base", **{**GRID, "method": method}, points=[16 * 21, -16 * 40] * 16)
    same(document.layers[0].pixels.read((21, -40, W + 21, H - 40)), noise())
    edge = document.layers[0].pixels.read((-64, -64, 21, H + 64))
    assert not edge.any()


def test_a_mesh_that_is_folded_over_shows_the_part_below_on_top_and_one_that_is_flat_shows_nothing(
    kernels: Kernels,
) -> None:
    pixels = np.full((H, W, 4), (200, 0, 0, 255), np.uint8)
    pixels[H // 2 :] = (0, 0, 200, 255)
    document = opened(kernels, pixels)
    folded = [
        value for row in range(4) for _ in range(4) for value in (0, 16 * -H * 2 * max(0, row - 1) // 3)
    ]
    do(document, "mesh", layer="base", **GRID, points=folded)
    found = document.layers[0].pixels.read((W // 2, -H, W // 2 + 1, H))[:, 0]
    blue, red = (np.flatnonzero((found[:, k] > 150) & (found[:, 3] == 255)) for k in (2, 0))
    assert len(blue) > H // 4
    assert len(red) > H // 8
    document.digest()
    flat = [value for _row in range(4) for column in range(4) for value in (-16 * W * column // 3, 0)]
    document = opened(kernels, pixels)
    do(document, "mesh", layer="base", **GRID, points=flat)
    assert (document.layers[0].pixels.read((3, 0, W, H)) == 0).all()


def test_a_mesh_of_what_is_selected_leaves_the_rest_and_takes_the_selection_along(kernels: Kernels) -> None:
    document = opened(kernels)
    do(document, "select", shape="rectangle", how="replace", x0=100, y0=100, x1=150, y1=150)
    box = {"x0": 100, "y0": 100, "x1": 150, "y1": 150}
    do(document, "mesh", layer="base", **{**GRID, **box}, points=[16 * 100, 0] * 16)
    found = document.layers[0].pixels.read((0, 0, W, H))
    expected = noise()
    lifted = expected[100:150, 100:150].copy()
    expected[100:150, 100:150] = 0
    opaque = lifted[..., 3] == 255
    same(found[100:150, 200:250][opaque], lifted[opaque])
    expected[100:150, 200:250] = found[100:150, 200:250]
    same(found, expected)
    assert document.selection is not None
    chosen = document.selection.read((0, 0, W, H))
    assert chosen[100:150, 200:250].all()
    assert chosen.sum() == 255 * 50 * 50


def test_a_group_is_bent_with_all_it_holds_and_masks_go_along(kernels: Kernels) -> None:
    document = opened(kernels)
    do(document, "select", shape="rectangle", how="replace", x0=10, y0=20, x1=120, y1=260)
    do(document, "layer.mask", layer="base", **{"from": "selection"})
    do(document, "select", shape="none")
    do(document, "layer.add", layer="group", name="Group", group_layer=True)
    do(document, "layer.move", layer="base", group="group", above=None)
    do(document, "mesh", layer="group", **GRID, points=[16 * 33, 0] * 16)
    inner = document.layers[0].children[0]
    same(inner.pixels.read((33, 0, W + 33, H)), noise())
    assert inner.mask is not None
    assert inner.mask.read((43, 20, 153, 260)).all()
    assert inner.mask.read((33, 0, W + 33, H)).sum() == 255 * 110 * 240


# A box of 8 x 8 pixels whose 8 x 8 parts lie as a thin L: down 32,768 pixels, then as many to the side.
DOWN = [(-FARTHEST, (row - 4) * FARTHEST // 4) for row in range(4)]
CORNERS = [*DOWN, *((column * FARTHEST // 2, FARTHEST) for column in range(-2, 3))]
SMALL = {"x0": 0, "y0": 0, "x1": 8, "y1": 8, "columns": 8, "rows": 8}
THIN = {**SMALL, "points": [value for row in range(9) for _column in range(9) for value in CORNERS[row]]}
HOSTILE: list[dict[str, Any]] = [
    {"columns": 0},
    {"columns": 9, "points": [0] * 80},
    {"columns": True},
    {"rows": 4},
    {"points": STILL[:-1]},
    {"points": [*STILL[:-1], 0.5]},
    {"points": [*STILL[:-1], True]},
    {"points": [*STILL[:-1], FARTHEST + 1]},
    {"points": [*STILL[:-1], "1"]},
    {"points": {"x": 1}},
    {"points": [0] * 20_000},
    {"x1": 0},
    {"x0": -16384, "y0": -16384, "x1": 16384, "y1": 16384},
    {"method": "lanczos"},
    {"layer": "../x"},
    THIN,
    # Every other handle far to the left, far to the right: small, but it would cover the same place over and over.
    {"points": [FARTHEST if k % 4 < 2 else -FARTHEST for k in range(32)]},
]


@pytest.mark.parametrize("other", HOSTILE)
def test_hostile_values_are_refused_with_a_sentence(other: dict[str, Any]) -> None:
    body = {"layer": "base", **GRID, "points": STILL}
    schema.check("mesh", body, b"")
    with pytest.raises(schema.Refused) as refused:
        schema.check("mesh", {**body, **other}, b"")
    assert refused.value.sentence.endswith(".")


def test_the_outline_knows_what_a_mesh_can_bend() -> None:
    outline = Outline()
    outline.apply("open", {"width": 30, "height": 20, "layer": "base", "name": "Base"})
    outline.apply("layer.add", {"layer": "group", "name": "Group", "group_layer": True})
    mesh = {**GRID, "points": STILL}
    assert not outline.apply("mesh", {"layer": "group", **mesh})
    rectangle = {"kind": "rectangle"}
    outline.apply("layer.add", {"layer": "shape", "name": "Shape", "group": "group", "shape": rectangle})
    for layer in ("group", "shape"):
        with pytest.raises(Impossible, match="shapes and texts"):
            outline.apply("mesh", {"layer": layer, **mesh})
    outline.apply("select", {"shape": "all"})
    with pytest.raises(Impossible, match="A group has no pixels"):
        outline.apply("mesh", {"layer": "group", **mesh})
    with pytest.raises(Impossible, match="This is a shape"):
        outline.apply("mesh", {"layer": "shape", **mesh})
    assert not outline.apply("mesh", {"layer": "base", **mesh})
    outline.apply("layer.set", {"layer": "base", "locked": True})
    with pytest.raises(Impossible, match="locked"):
        outline.apply("mesh", {"layer": "base", **mesh})
