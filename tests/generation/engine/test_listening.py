"""Image-to-image with pictures that the bundled model can't read: little change means little change."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from generation.bundled.changes import changed, doubled, is_there, likeness
from generation.bundled.foreign import pictures
from generation.bundled.training.judge import Judge, trained
from generation.engine import families
from generation.engine.families import Family
from generation.requests import catalogue
from tests.examples import few_of

_LITTLE = 0.8  # the least likeness at the lowest strength
_STRENGTHS = (0.1, 0.3, 0.6)  # at the last of them what was asked for is there
_DOUBLED = 0.25  # the most of the blocks with edges of both pictures that may show both; a fade shows all

FOREIGN = {one.name: one for one in pictures()}


@pytest.fixture(scope="module")
def family() -> Iterator[Family]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield families.load(catalogue.get("bundled"))
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return trained()


@pytest.mark.long
@pytest.mark.parametrize("name", few_of(FOREIGN, ("four fields",)))
def test_a_picture_that_the_model_cannot_read_changes_steadily(family: Family, name: str) -> None:
    row = changed(family, catalogue.get("bundled"), FOREIGN[name], _STRENGTHS)
    like = [likeness(change.picture, change.source) for change in row]
    assert like[0] >= _LITTLE
    assert all(more < less for less, more in pairwise(like))


@pytest.mark.long
def test_what_was_asked_for_is_there_and_nothing_stands_twice(family: Family, judge: Judge) -> None:
    foreign = FOREIGN["four fields"]
    (change,) = changed(family, catalogue.get("bundled"), foreign, _STRENGTHS[-1:])
    assert is_there(judge, change.picture, foreign)
    assert doubled(change) < _DOUBLED


@pytest.mark.long
def test_two_pictures_faded_into_each_other_would_be_found(family: Family) -> None:
    (change,) = changed(family, catalogue.get("bundled"), FOREIGN["chequers"], [0.6])
    faded = (change.source.astype(np.float32) + change.drawn) / 2
    assert doubled(change) < _DOUBLED
    assert doubled(replace(change, picture=faded.astype(np.uint8))) > 0.9
