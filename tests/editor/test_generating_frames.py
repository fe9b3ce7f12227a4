"""The dotted box: what a model sees of a document, whatever is selected, dragged or added to the canvas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.generating import framing
from editor.generating.asking import Asked
from generation.requests import boxes, catalogue
from generation.requests.boxes import Box
from generation.requests.sizes import Size

SIDES = st.integers(1, 3000)
SIZES = st.builds(Size, SIDES, SIDES)


def entry() -> catalogue.Entry:
    return catalogue.get("bundled")


@st.composite
def parts(draw: st.DrawFn) -> tuple[Size, Box]:
    """A document and a part of it."""
    size = draw(SIZES)
    left, top = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    right, bottom = draw(st.integers(left + 1, size.width)), draw(st.integers(top + 1, size.height))
    return size, Box(left, top, right, bottom)


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[int, int, int, int]:
    left, top = draw(st.integers(-4000, 4000)), draw(st.integers(-4000, 4000))
    return left, top, left + draw(SIDES), top + draw(SIDES)


@given(parts(), st.none() | anywhere())
def test_a_box_holds_what_is_selected_in_the_proportions_of_a_model(
    part: tuple[Size, Box], dragged: tuple[int, int, int, int] | None
) -> None:
    size, marked = part
    frame = framing.of_selection(Asked(tool="fill", box=dragged), entry(), size, marked)

    assert frame.box.holds(marked)
    assert framing.whole(size).holds(frame.region)
    assert frame.region == frame.source == frame.box.within(size)
    assert (frame.held.left, frame.held.top, frame.held.size) == (0, 0, frame.region.size)
    shape = boxes.nearest_shape(frame.box.size, entry().base_sizes)
    base = entry().base_size(shape)
    assert abs(frame.box.size.width * base.height / base.width - frame.box.size.height) <= 2


@given(parts())
def test_a_box_that_was_proposed_and_is_sent_back_stays_where_it_is(part: tuple[Size, Box]) -> None:
    size, marked = part
    proposed = framing.of_selection(Asked(tool="fill"), entry(), size, marked)
    again = framing.of_selection(Asked(tool="fill", box=proposed.box.corners), entry(), size, marked)
    assert again.region.holds(proposed.region)
    assert abs(again.box.size.width - proposed.box.size.width) <= 2
    assert abs(again.box.size.height - proposed.box.size.height) <= 2


@given(
    SIZES,
    st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900), st.integers(0, 900)),
    st.none() | anywhere(),
)
def test_a_canvas_that_grows_shows_the_model_some_of_the_picture(
    size: Size, more: tuple[int, int, int, int], dragged: tuple[int, int, int, int] | None
) -> None:
    left, top, right, bottom = more
    canvas = (size.width + left + right, size.height + top + bottom, left, top)
    frame = framing.of_canvas(Asked(tool="extend", canvas=canvas, box=dragged), entry(), size)
    if not any(more):
        assert frame is None
        return
    assert frame is not None
    whole = framing.whole(Size(*canvas[:2]))
    assert whole.holds(frame.region)
    # Everything new is in the region, and what is drawn for it is a part of the picture as it is.
    assert frame.region.holds(frame.marked)
    assert framing.whole(size).holds(frame.source)
    assert frame.source.size == frame.held.size
    assert frame.held.moved(frame.region.left - left, frame.region.top - top) == frame.source
    # A model that knows the picture starts from all of it.
    known = framing.of_whole_canvas(Asked(tool="extend", canvas=canvas, box=dragged), entry(), size)
    assert known is not None
    assert (known.region, known.source) == (whole, framing.whole(size))
    assert known.held.corners == (left, top, left + size.width, top + size.height)
    if sum(map(bool, more)) == 1:
        new = frame.marked.size
        assert new.pixels == whole.size.pixels - size.pixels


@pytest.mark.parametrize(
    "canvas", [(100, 80, 0, 0), (99, 90, 0, 0), (120, 80, -1, 0), (120, 80, 21, 0), (130, 90, 5, 11)]
)
def test_a_canvas_that_loses_some_of_the_picture_or_gains_nothing_is_none(
    canvas: tuple[int, int, int, int],
) -> None:
    assert framing.of_canvas(Asked(tool="extend", canvas=canvas), entry(), Size(100, 80)) is None
