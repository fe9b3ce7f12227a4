"""Kernels of meshes compute what reference_mesh.py says, to the byte, and move whole pixels exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels import reference_effects
from editor.kernels import reference_mesh as reference
from editor.replay.engine import Kernels
from tests.editor.arrays import noise, same
from tests.editor.calling import call
from tests.examples import examples

# How far handles are moved, in 16ths: a little, folded over, and as far as the log takes.
FAR = st.sampled_from([40, 400, 9000, 1 << 18])


@st.composite
def grids(draw: st.DrawFn) -> reference.Numbers:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    far, shape = draw(FAR), (draw(st.integers(2, 6)), draw(st.integers(2, 6)), 2)
    return random.integers(-far, far + 1, shape).astype(np.int32)


@st.composite
def boxes(draw: st.DrawFn) -> reference.Box:
    x, y = draw(st.integers(-40, 40)), draw(st.sampled_from([0, -9000, 17]))
    return x, y, x + draw(st.integers(1, 90)), y + draw(st.integers(1, 80))


def lattice_of(
    kernels: Kernels, moved: reference.Numbers, box: reference.Box, step: int
) -> reference.Numbers:
    (x0, y0, x1, y1), (rows, columns) = box, (side - 1 for side in moved.shape[:2])
    nx, ny = (-(-side // step) + 3 for side in (x1 - x0, y1 - y0))
    empty = np.zeros((ny, nx, 2), np.int32)
    sides = (columns, rows, x0, y0, x1 - x0, y1 - y0, step)
    found: reference.Numbers = call(kernels, "mesh_lattice", empty, moved, *sides)[1][0]
    return found


def blocks_of(kernels: Kernels, lattice: reference.Numbers) -> tuple[Any, Any]:
    ny, nx = lattice.shape[:2]
    count = -(-(nx - 1) // 16) * -(-(ny - 1) // 16)
    empty = np.zeros((count, 4), np.int32), np.zeros(4, np.int32)
    blocks, box, _lattice = call(kernels, "mesh_reach", *empty, lattice, nx, ny)[1]
    return blocks, box


def map_of(
    kernels: Kernels,
    lattice: reference.Numbers,
    step: int,
    box: reference.Box,
    window: reference.Box,
    level: int,
) -> tuple[int, Any, Any]:
    (ny, nx), (x0, y0, x1, y1) = lattice.shape[:2], window
    blocks, _all = blocks_of(kernels, lattice)
    empty = np.zeros((y1 - y0, x1 - x0, 2), np.int32), np.zeros(4, np.int32)
    sides = (nx, ny, step, *box, x0, y0, x1 - x0, y1 - y0, level)
    number, (places, found, *_rest) = call(kernels, "mesh_map", *empty, lattice, blocks, *sides)
    return number, places, found


@settings(max_examples=examples(25))
@given(moved=grids(), box=boxes(), step=st.sampled_from([1, 4, 8, 64]))
def test_where_the_corners_of_cells_come_to_lie(
    kernels: Kernels, moved: reference.Numbers, box: reference.Box, step: int
) -> None:
    found = lattice_of(kernels, moved, box, step)
    same(found, reference.lattice(moved, box, step))
    blocks, around = blocks_of(kernels, found)
    expected = reference.reach(found)
    assert (blocks.tolist(), around.tolist()) == expected


@settings(max_examples=examples(15))
@given(moved=grids(), box=boxes(), level=st.sampled_from([0, 0, 2]), data=st.data())
def test_from_where_pixels_come(
    kernels: Kernels, moved: reference.Numbers, box: reference.Box, level: int, data: st.DataObject
) -> None:
    step = data.draw(st.sampled_from([4, 8]))
    lattice = lattice_of(kernels, moved, box, step)
    x, y = (side + data.draw(st.integers(-12, 60)) >> level for side in box[:2])
    window = (x, y, x + 23, y + 17)
    number, places, found = map_of(kernels, lattice, step, box, window, level)
    cells, expected = reference.mesh_map(lattice, step, box, window, level)
    same(places, expected)
    there = expected[expected[..., 0] != reference.NOWHERE]
    assert number == cells
    if number:
        ends = [*(there.min(axis=0) >> 8).tolist(), *((there.max(axis=0) >> 8) + 1).tolist()]
        assert found.tolist() == ends


@settings(max_examples=examples(10))
@given(box=boxes(), by=st.tuples(st.integers(-70, 70), st.integers(-70, 70)), parts=st.integers(1, 5))
def test_a_grid_that_is_moved_as_a_whole_or_not_at_all_moves_each_pixel_by_as_much(
    kernels: Kernels, box: reference.Box, by: tuple[int, int], parts: int
) -> None:
    moved = np.full((parts + 1, parts + 1, 2), 0, np.int32) + np.array(by, np.int32) * 16
    lattice = lattice_of(kernels, moved, box, 4)
    window = (box[0] + by[0] - 3, box[1] + by[1] - 3, box[2] + by[0] + 3, box[3] + by[1] + 3)
    _number, places, _found = map_of(kernels, lattice, 4, box, window, 0)
    h, w = places.shape[:2]
    v, u = np.mgrid[:h, :w]
    same(places[2:-2, 2:-2, 0], ((u + window[0] - by[0]) * 256 + 128)[2:-2, 2:-2])
    same(places[2:-2, 2:-2, 1], ((v + window[1] - by[1]) * 256 + 128)[2:-2, 2:-2])


@settings(max_examples=examples(15))
@given(data=st.data(), level=st.integers(0, 3), outside=st.sampled_from([0, 255]))
@pytest.mark.parametrize("method", [0, 1, 2])
def test_the_pixels_at_places(
    kernels: Kernels, method: int, data: st.DataObject, level: int, outside: int
) -> None:
    w, h = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 9))
    px = reference_effects.filter_load(data.draw(noise(h, w, 4)))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    places = random.integers(-900, 4000 << level, (40, 2)).astype(np.int32)
    places[random.random(40) < 0.2, 0] = reference.NOWHERE
    source = (px, -1, 2, w, h, outside)
    out = call(kernels, "mesh_draw", np.zeros((40, 4), np.uint16), *source, places, 40, level, method)[1][0]
    same(out, reference.mesh_draw(px, (-1, 2), outside, places, level, method))
