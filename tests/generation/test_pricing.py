"""One function says the price and charges it."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.requests import catalogue
from generation.requests.pricing import price, price_parts
from generation.requests.request import GenerationRequest
from generation.requests.sizes import SIZES, Size


def a_request(**changes: Any) -> GenerationRequest:
    entry = catalogue.get(changes.get("model", "bundled"))
    values: dict[str, Any] = {
        "kind": "text_to_image",
        "model": "bundled",
        "prompt": "a boat",
        "shape": "1:1",
        "size": "1k",
        "count": 1,
        "seed": 0,
        "steps": entry.default_steps,
        "guidance": entry.default_guidance,
    }
    return GenerationRequest(**(values | changes))


@pytest.mark.parametrize(("size", "factor"), [("1k", 1), ("2k", 2), ("4k", 4)])
@pytest.mark.parametrize("model", ["bundled", "sdxl", "qwen-image-2512"])
@pytest.mark.parametrize("count", [1, 4])
def test_base_price_times_size_times_pictures(model: str, size: str, factor: int, count: int) -> None:
    base = catalogue.get(model).base_price
    assert price(a_request(model=model, size=size, count=count)) == base * factor * count


def test_fewer_steps_cost_the_same_and_more_steps_cost_their_share_rounded_up() -> None:
    default = catalogue.get("sdxl").default_steps
    base = catalogue.get("sdxl").base_price
    assert price(a_request(model="sdxl", steps=default - 5)) == base
    assert price(a_request(model="sdxl", steps=2 * default)) == 2 * base
    assert price(a_request(model="sdxl", steps=default + 1)) == base + 1


@given(
    size=st.sampled_from(SIZES),
    count=st.integers(1, 4),
    steps=st.integers(1, 200),
    model=st.sampled_from(["bundled", "sdxl", "flux2-klein-4b"]),
)
def test_the_price_is_a_whole_number_a_picture_and_never_falls_with_more(
    size: str, count: int, steps: int, model: str
) -> None:
    parts = price_parts(a_request(model=model, size=size, count=count, steps=steps))
    assert (
        parts.total
        == parts.per_picture * count
        == price(a_request(model=model, size=size, count=count, steps=steps))
    )
    assert parts.per_picture >= parts.base * parts.size_factor
    more = price_parts(a_request(model=model, size=size, count=count, steps=min(200, steps + 1)))
    assert more.per_picture >= parts.per_picture


def test_steps_that_the_base_price_covers_cost_nothing_more_though_the_default_is_lower() -> None:
    entry = catalogue.get("bundled")
    assert entry.default_steps < entry.base_steps
    assert price(a_request(steps=entry.base_steps)) == price(a_request(steps=entry.default_steps))
    assert price(a_request(steps=entry.base_steps + 1)) > price(a_request(steps=entry.base_steps))


def test_added_detail_costs_the_pixels_and_steps_that_are_drawn_for_it() -> None:
    entry = catalogue.get("sdxl")
    assert entry.enhance
    asked = a_request(model="sdxl", size="4k", shape="16:9", count=2, enhance=True)
    plan = entry.enhance.plan(Size(3840, 2160))
    assert (plan.tile, plan.tiles, entry.enhance.drawn_steps) == (Size(896, 832), 15, 9)
    of_a_picture = 1024 * 1024 * entry.default_steps
    detail = math.ceil(entry.base_price * 896 * 832 * 15 * 9 / of_a_picture)
    assert price_parts(asked).detail == detail == 10
    assert price(asked) == price(replace(asked, enhance=False)) + 2 * detail


def test_the_parts_say_what_makes_the_price() -> None:
    parts = price_parts(a_request(size="4k", count=2))
    assert (parts.base, parts.size_factor, parts.count, parts.has_more_steps) == (1, 4, 2, False)


def test_a_model_that_no_longer_exists_has_no_price() -> None:
    with pytest.raises(catalogue.UnknownModel):
        price(GenerationRequest(**{**a_request().to_json(), "model": "gone"}))
