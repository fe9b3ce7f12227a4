"""What every family promises, for every kind of run that it claims: the same tests on a tiny model of each."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from generation.engine.families import Family, Step
from generation.requests.sizes import Size
from tests.generation.engine.families.batches import (
    FEW_PAIRS,
    PAIRS,
    SIZE,
    a_batch,
    differences,
    drawn,
    one_of,
)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
@pytest.mark.few(3)
def test_the_same_seed_gives_the_same_bytes_and_another_one_another_picture(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind)
    one, again = drawn(family, batch), drawn(family, batch)
    other = drawn(family, replace(batch, seeds=(99,)))
    assert differences(one, again) == [0.0] * len(one)
    assert min(differences(one, other)) > 0.5
    assert all(picture.std() > 3 for picture in one)


@pytest.mark.few(3)
@pytest.mark.parametrize(("name", "kind"), FEW_PAIRS)
def test_three_pictures_together_are_those_of_each_alone_within_one_level(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind, pictures=3)
    together = drawn(family, batch)
    alone = [picture for place in range(3) for picture in drawn(family, one_of(batch, place))]
    assert len(together) == len(alone) == 3 * (batch.layers or 1)
    assert max(int(np.abs(one - other).max()) for one, other in zip(together, alone, strict=True)) <= 1


class _Cancelled(Exception):
    pass


@pytest.mark.few(3)
@pytest.mark.parametrize(("name", "kind"), FEW_PAIRS)
def test_a_run_that_is_cancelled_at_any_step_leaves_no_trace(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind)
    steps: list[int] = []
    before = family.run(batch, lambda step: steps.append(step.step))
    for last in steps:

        def cancel(step: Step, last: int = last) -> None:
            if step.step == last:
                raise _Cancelled

        with pytest.raises(_Cancelled):
            family.run(replace(batch, seeds=(8,)), cancel)
        assert torch.equal(before, family.run(batch, lambda _step: None))


@pytest.mark.few(4)
@pytest.mark.parametrize(("name", "kind"), FEW_PAIRS)
def test_every_step_is_reported_and_can_show_every_picture(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind, pictures=2)
    reported: list[tuple[int, int]] = []

    def step_ended(step: Step) -> None:
        reported.append((step.step, step.of))
        for picture in range(2):
            shown = step.preview(picture)
            assert max(shown.size) == 256
            assert shown.width / shown.height == pytest.approx(SIZE.width / SIZE.height, rel=0.02)

    drawn(family, batch, step_ended)
    of = reported[0][1]
    assert reported == [(number, of) for number in range(1, of + 1)]
    assert of >= 2


@pytest.mark.few(6)
@pytest.mark.parametrize("size", [Size(61, 43), Size(70, 110)], ids=str)
@pytest.mark.parametrize(("name", "kind"), FEW_PAIRS)
def test_any_size_is_drawn_exactly(
    families: Callable[[str], Family], name: str, kind: str, size: Size
) -> None:
    pictures = drawn(families(name), a_batch(kind, size=size, steps=2))
    channels = 4 if kind == "layers" else 3
    assert {picture.shape for picture in pictures} == {(size.height, size.width, channels)}
