"""Kernels of a stroke in hand compute what reference_spans.py says, to the byte, in both builds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels import reference_spans
from editor.replay.engine import Kernels
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.editor.test_kernels import cover
from tests.examples import examples


@settings(max_examples=examples(25))
@given(
    data=st.data(),
    x=st.sampled_from([0, 256, -512]),
    y=st.sampled_from([0, 256, -512]),
    widths=st.lists(st.integers(1, 40), max_size=6),
    full=st.booleans(),
)
def test_what_dabs_change_of_a_tile(
    kernels: Kernels, data: st.DataObject, x: int, y: int, widths: list[int], full: bool
) -> None:
    cov, masks = data.draw(cover(256, 256)), []
    if full:
        cov[20:200, 30:180] = 32767
    dabs: list[tuple[int, ...]] = []
    for w in widths:
        near = st.integers(-50, 270)
        dabs.append((0, 0, 0, x + data.draw(near), y + data.draw(near), w, data.draw(st.integers(0, 32767))))
        masks.append(data.draw(cover(w, w)))
    kernels.reset()
    addresses = np.array([kernels.put(mask) for mask in masks], np.int32)
    at, spans_at = kernels.put(cov), kernels.room(4 * 516)
    placed = kernels.put(np.array(dabs, np.int32))
    found = kernels.call("brush_cover_spans", at, placed, kernels.put(addresses), len(dabs), x, y, spans_at)
    wanted, spans = reference_spans.brush_cover_spans(cov, dabs, masks, x, y)
    same(kernels.view(at, (256, 256), np.uint16), wanted)
    same(kernels.view(spans_at, (516,), np.int32), spans)
    assert bool(found) == bool((wanted != cov).any())
    assert not (wanted != cov)[~reference_spans.inside(spans)].any()


@pytest.mark.few(1)
@settings(max_examples=examples(10))
@given(
    data=st.data(),
    opacity=BYTE,
    mode=st.integers(0, 15),
    flags=st.integers(0, 1),
    masked=st.booleans(),
    fresh=st.booleans(),
)
def test_what_is_drawn_by_spans_is_what_is_drawn_whole(
    kernels: Kernels, data: st.DataObject, opacity: int, mode: int, flags: int, masked: bool, fresh: bool
) -> None:
    rows = st.tuples(st.integers(0, 64), st.integers(0, 64)).map(lambda ends: (4 * ends[0], 4 * ends[1]))
    spans = np.array([data.draw(rows) for _ in range(256)], np.int32).reshape(-1)
    d, s, below = (data.draw(noise(65536, 4)) for _ in range(3))
    mask, cov = data.draw(noise(65536)), data.draw(cover(256, 256))
    sel = mask if masked else 0
    n, rgb = 65536, 0x3366CC
    painted = call(kernels, "brush_paint", np.zeros_like(d), s, cov, sel, n, rgb, opacity, flags)[1][0]
    by_spans = call(kernels, "brush_paint_spans", d, s, cov, sel, spans, rgb, opacity, flags)[1][0]
    tile = (256, 256, 4)
    same(by_spans.reshape(tile), reference_spans.by_spans(d.reshape(tile), painted.reshape(tile), spans))
    over = call(kernels, "composite", below if fresh else d, s, sel, n, opacity, mode)[1][0]
    found = call(kernels, "composite_spans", d, below if fresh else 0, s, sel, spans, opacity, mode)[1][0]
    same(found.reshape(tile), reference_spans.by_spans(d.reshape(tile), over.reshape(tile), spans))


def test_floats_divide_as_whole_numbers_do() -> None:
    """Every quotient that over4_any of k1/blend.c can meet lies between two of these."""
    assert reference_spans.quotients(np.arange(1, 65026))
    assert 255 * 65025 + 65025 // 2 < 2**24  # so that every numerator is a float
