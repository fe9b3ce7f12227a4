"""The codec for rough tiles: as the reference says, back to the same pixels, and nothing of damaged bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels.reference_rough import rough_encode
from editor.replay.engine import Kernels
from tests.editor.arrays import noise
from tests.editor.calling import call
from tests.examples import examples


@settings(max_examples=examples(30))
@given(data=st.data(), rows=st.integers(0, 3), most=st.sampled_from([1, 2, 7, 60, 256]))
def test_rows_are_coded_and_come_back(kernels: Kernels, data: st.DataObject, rows: int, most: int) -> None:
    px = (data.draw(noise(256 * rows, 4)).astype(int) % most).reshape(rows, 256, 4).astype(np.uint8)
    wanted = rough_encode(px)
    size, (coded, _px) = call(kernels, "rough_encode", np.zeros(4 * 256 * rows + 2, np.uint8), px, rows)
    assert bytes(coded[:size]) == wanted

    kept = np.frombuffer(wanted, np.uint8)
    number, (found, _kept) = call(kernels, "rough_decode", np.zeros_like(px), rows, kept, len(kept))
    assert number == 0
    assert (found[..., :3] == px[..., :3]).all()
    assert (found[..., 3] == 255).all()
    if rows:
        assert call(kernels, "rough_decode", np.zeros_like(px), rows, kept[:-1], len(kept) - 1)[0] == -1


@settings(max_examples=examples(60))
@given(data=st.binary(max_size=400), rows=st.integers(0, 2))
def test_any_bytes_are_read_or_refused_within_bounds(kernels: Kernels, data: bytes, rows: int) -> None:
    kept = np.frombuffer(data, np.uint8)
    assert call(kernels, "rough_decode", np.zeros((rows, 256, 4), np.uint8), rows, kept, len(kept))[0] in {
        0,
        -1,
    }
