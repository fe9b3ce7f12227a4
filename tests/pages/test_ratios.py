"""A picture of any shape finds a class that crops its thumbnail by no more than 2.5 %."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.requests.sizes import SHAPES, SIZES, output_size
from image2.design.ratios import RATIOS, ratio_class, shape_class

sides = st.integers(min_value=1000, max_value=5000)


@given(sides, sides)
def test_the_class_is_near_the_shape(width: int, height: int) -> None:
    ratio = RATIOS[ratio_class(width, height)]

    assert max(ratio / (width / height), (width / height) / ratio) <= 1.026


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_a_shape_people_choose_has_a_class_of_its_own(shape: str, size: str) -> None:
    pixels = output_size(shape, size)

    assert ratio_class(pixels.width, pixels.height) == shape_class(shape)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 1)])
def test_nothing_has_no_shape(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="width and a height"):
        ratio_class(width, height)
