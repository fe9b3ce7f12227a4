"""The one table of sizes."""

import pytest

from generation.requests.sizes import SHAPES, SIZES, Size, output_size

_LONG_SIDES = {"1k": 1024, "2k": 2048, "4k": 3840}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_long_side_is_exact_and_the_short_one_rounded_once(shape: str, size: str) -> None:
    found = output_size(shape, size)
    across, down = (int(part) for part in shape.split(":"))
    assert max(found.width, found.height) == _LONG_SIDES[size]
    exact = _LONG_SIDES[size] * min(across, down) / max(across, down)
    assert abs(min(found.width, found.height) - exact) <= 1
    assert (found.width > found.height) == (across > down)
    assert found.width % 2 == found.height % 2 == 0


def test_4k_at_16_9_is_the_4k_of_screens() -> None:
    assert output_size("16:9", "4k") == Size(3840, 2160)
    assert output_size("9:16", "4k") == Size(2160, 3840)


def test_names_that_do_not_exist_are_errors() -> None:
    for shape, size in (("5:4", "1k"), ("1:1", "8k")):
        with pytest.raises(KeyError):
            output_size(shape, size)


def test_a_size_has_pixels() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        Size(0, 10)
    assert Size(3840, 2160).pixels == 8_294_400
    assert str(Size(3840, 2160)) == "3840×2160"
