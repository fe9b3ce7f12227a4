"""Requests that select by clicks: what they may say, that they cost nothing, and that they stay what they are."""

from __future__ import annotations

from typing import Any

import pytest

from generation.requests import catalogue, ordering, pricing
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size

UPLOAD = "upload:00000000-0000-0000-0000-000000000000"


def a_click(**about: Any) -> GenerationRequest:
    values = {"reference": UPLOAD, "source": Size(160, 120), **about}
    return ordering.segment(catalogue.get("bundled"), **values)


@pytest.mark.parametrize(
    ("about", "field", "sentence"),
    [
        ({}, "inside", "Click what you want to select"),
        ({"outside": ((5, 5),)}, "inside", "Click what you want to select"),
        ({"inside": ((160, 5),)}, "inside", "lies outside of the picture"),
        ({"inside": ((5, -1),)}, "inside", "lies outside of the picture"),
        ({"inside": ((5, 5),), "outside": ((5, 120),)}, "inside", "lies outside of the picture"),
        ({"inside": tuple((x, 5) for x in range(33))}, "inside", "at most 32 points"),
        ({"inside": ((5, 5),), "outside": tuple((x, 5) for x in range(32))}, "inside", "at most 32 points"),
        ({"box": Box(50, 50, 161, 120)}, "box", "box inside of the picture"),
        ({"box": Box(-1, 0, 50, 50)}, "box", "box inside of the picture"),
        ({"inside": ((5.5, 5),)}, "inside", "another form"),
        ({"inside": ((True, 5),)}, "inside", "another form"),
        ({"inside": ((5, 5, 5),)}, "inside", "another form"),
        ({"inside": ((5, 5),), "source": Size(8193, 10)}, "reference", "The largest that works"),
    ],
)
def test_points_that_mean_nothing_are_refused_with_a_sentence(
    about: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_click(**about)
    assert sentence in str(refused.value.errors[field])


def test_it_is_free_and_survives_being_stored() -> None:
    request = a_click(inside=((0, 0), (159, 119)), outside=((3, 4),), box=Box(0, 0, 160, 120))
    assert pricing.price(request) == 0
    assert GenerationRequest.from_json(request.to_json()) == request
    assert request.output == Size(160, 120)
    assert request.batch_key() != a_click(inside=((0, 0),)).batch_key()


def test_a_mask_is_for_the_editor_alone_and_points_are_for_masks_alone() -> None:
    data = a_click(inside=((1, 1),)).to_json()
    with pytest.raises(InvalidRequest):
        GenerationRequest.from_json({**data, "for_editor": False})
    with pytest.raises(InvalidRequest, match="Only a selection by clicks"):
        GenerationRequest.from_json({**data, "kind": "remove_background"})
