"""Random arrays for kernels, with the values at which something changes, and how two are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

BYTE = st.integers(0, 255)
# Values at which something changes come up often.
EDGES = np.array([0, 1, 2, 126, 127, 128, 129, 253, 254, 255], np.uint8)


@st.composite
def noise(draw: st.DrawFn, *shape: int) -> NDArray[np.uint8]:
    """Random bytes, of which a drawn share are edge values; of pixels also a share that is opaque or transparent."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = random.integers(0, 256, shape, dtype=np.uint8)
    picked = random.random(shape) < draw(st.sampled_from([0, 0.3, 1]))
    values[picked] = random.choice(EDGES, int(picked.sum()))
    if shape[-1] == 4:
        share = draw(st.sampled_from([0, 0.5, 1]))
        values[random.random(shape[:-1]) < share, 3] = 255
        values[random.random(shape[:-1]) < draw(st.sampled_from([0, 0.3]))] = 0
    return values


def same(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    np.testing.assert_array_equal(found, wanted)
