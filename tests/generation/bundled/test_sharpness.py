"""The measures of outlines: a soft edge is wide, a wavy one is rough, what leaves the drawing's range is counted."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.bundled import sharpness

SIDE = 192


def edge(width: float, wave: float = 0.0) -> NDArray[np.float32]:
    """Levels of a slanted edge that takes `width` pixels across, its outline bent by `wave` pixels."""
    row, column = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    across = (column - SIDE / 2) * 0.96 + (row - SIDE / 2) * 0.28 + wave * np.sin(row / 2)
    levels: NDArray[np.float32] = (np.clip(0.5 + across / width, 0, 1) * 180 + 30).astype(np.float32)
    return levels


@pytest.mark.parametrize("width", [2.0, 4.0, 10.0])
def test_the_width_of_an_edge_is_how_many_pixels_it_takes(width: float) -> None:
    assert sharpness.edge_width(edge(width)) == pytest.approx(width / 0.96, rel=0.15)


def test_a_straight_edge_is_not_rough_and_a_wavy_one_is() -> None:
    assert sharpness.roughness(edge(2)) < 0.02
    assert sharpness.roughness(edge(2, wave=1.0)) > 0.04


def test_what_leaves_the_range_of_the_drawing_is_counted_in_levels() -> None:
    drawn = edge(2)
    made = drawn.copy()
    made[drawn > 200] += 9
    made[drawn < 40] -= 4
    assert sharpness.overshoot(drawn, drawn) == 0
    assert sharpness.overshoot(made, drawn) == pytest.approx(9)


def test_a_flat_picture_has_no_edge_to_measure() -> None:
    flat = np.full((SIDE, SIDE), 90, np.float32)
    measures = (sharpness.edge_width(flat), sharpness.roughness(flat), sharpness.overshoot(flat, flat))
    assert all(math.isnan(value) for value in measures)


def test_luma_of_white_is_255() -> None:
    assert sharpness.luma(np.full((2, 2, 3), 255, np.uint8)) == pytest.approx(255)
