"""Kernels of liquify compute what reference_liquify.py says, to the byte, in both builds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels import reference_liquify as reference
from editor.replay.engine import Kernels
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.examples import examples

DABS = st.lists(st.tuples(st.integers(-600, 2400), st.integers(-600, 2400), BYTE), max_size=4)


@settings(max_examples=examples(30))
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(2, 24), st.integers(2, 24)),
    most=st.sampled_from([0, 900, 2**21]),
    dabs=DABS,
    cut=st.integers(0, 4),
    r16=st.integers(16, 1500),
    strength=BYTE,
    how=st.sampled_from(reference.HOWS),
)
def test_a_field_is_bent_whatever_pieces_the_stroke_comes_in(
    kernels: Kernels,
    seed: int,
    size: tuple[int, int],
    most: int,
    dabs: list[tuple[int, int, int]],
    cut: int,
    r16: int,
    strength: int,
    how: str,
) -> None:
    gw, gh = size
    field = np.random.default_rng(seed).integers(-most, most + 1, (gh, gw, 2)).astype(np.int32)
    found, begun = field, np.zeros(3, np.int32)
    spare = np.zeros(2 * (r16 // 32 + 3) ** 2, np.int32)
    for piece in (dabs[:cut], dabs[cut:]):
        path = np.array(piece, np.int32).reshape(-1, 3)
        arguments = (found, gw, gh, spare, path, len(piece), begun, r16, strength, reference.HOWS.index(how))
        _, arrays = call(kernels, "liquify", *arguments)
        found, begun = arrays[0], arrays[3]
    same(found, reference.liquify(field, dabs, r16, strength, how))


@settings(max_examples=examples(30))
@given(
    seed=st.integers(0, 2**32 - 1),
    most=st.sampled_from([0, 1, 900, 2**21]),
    corner=st.tuples(st.integers(-9, 90), st.integers(-9, 90)),
    w=st.integers(1, 20),
    h=st.integers(1, 20),
)
def test_places_are_read_from_a_field(
    kernels: Kernels, seed: int, most: int, corner: tuple[int, int], w: int, h: int
) -> None:
    field = np.random.default_rng(seed).integers(-most, most + 1, (14, 17, 2)).astype(np.int32)
    places, box = np.zeros((h, w, 2), np.int32), np.zeros(4, np.int32)
    moved, arrays = call(kernels, "liquify_map", places, box, field, 17, 14, *corner, w, h, 60, 45)
    wanted = reference.liquify_map(field, corner, w, h, (60, 45))
    same(arrays[0], wanted)
    low, high = wanted.reshape(-1, 2).min(axis=0) >> 8, (wanted.reshape(-1, 2).max(axis=0) >> 8) + 1
    same(arrays[1], np.concatenate([low, high]).astype(np.int32))
    assert bool(moved) == bool((wanted != reference.liquify_map(0 * field, corner, w, h, (60, 45))).any())


@settings(max_examples=examples(30))
@given(data=st.data(), w=st.integers(1, 12), h=st.integers(1, 12), n=st.integers(0, 30), keep=st.booleans())
def test_pixels_are_taken_from_places(
    kernels: Kernels, data: st.DataObject, w: int, h: int, n: int, keep: bool
) -> None:
    source, old = data.draw(noise(h, w, 4)), data.draw(noise(n, 4))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    places = random.integers(-900, 256 * 15, (n, 2)).astype(np.int32)
    arguments = (np.zeros_like(old), old, source, -2, 3, w, h, places, n, int(keep))
    same(
        call(kernels, "displace", *arguments)[1][0],
        reference.displace(old, source, (-2, 3), places, keep=keep),
    )


def test_what_does_not_move_stays_to_the_byte(kernels: Kernels) -> None:
    source = np.random.default_rng(5).integers(0, 256, (20, 30, 4)).astype(np.uint8)
    source[source[..., 3] == 0] = 0
    y, x = np.mgrid[:20, :30]
    places = np.stack([x * 256 + 128, y * 256 + 128], 2).astype(np.int32)
    arguments = (np.zeros_like(source), source, source, 0, 0, 30, 20, places, 600, 0)
    same(call(kernels, "displace", *arguments)[1][0], source)
