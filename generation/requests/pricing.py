"""The price of a request in credits: one function serves the display and the charge."""

from dataclasses import dataclass
from typing import Final

from generation.requests import catalogue, kinds
from generation.requests.request import GenerationRequest

SIZE_FACTORS: Final = {"1k": 1, "2k": 2, "4k": 4, "8k": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceParts:
    """The parts of a price; `total` is always `per_picture * count`, so that each picture can be charged alone."""

    base: int
    size_factor: int
    steps: int
    covered_steps: int
    # What adding detail costs of the price of each picture; 0 without.
    detail: int
    per_picture: int
    count: int

    @property
    def has_more_steps(self) -> bool:
        return self.steps > self.covered_steps

    @property
    def total(self) -> int:
        return self.per_picture * self.count


def price(request: GenerationRequest) -> int:
    """Credits for the whole request. Raises catalogue.UnknownModel."""
    return price_parts(request).total


def price_parts(request: GenerationRequest) -> PriceParts:
    """Base price × size × steps beyond those that it covers, rounded up to a whole credit, × pictures (or layers).

    What is no picture is free (`kinds.FREE`). Added detail costs what is computed for it: pixels × steps of its tiles,
    beside those of a picture of the model's own size, which the base price pays for.
    """
    entry = catalogue.get(request.model)
    base = 0 if request.kind in kinds.FREE else entry.base_price
    factor = SIZE_FACTORS[request.size]
    covered = max(entry.default_steps, entry.base_steps)
    paid_steps = max(request.steps, covered)
    detail = 0
    if request.enhance and entry.enhance:
        covered_work = entry.base_size("1:1").pixels * covered
        detail = -(-base * entry.enhance.cost(request.output) // covered_work)
    return PriceParts(
        base=base,
        size_factor=factor,
        steps=request.steps,
        covered_steps=covered,
        detail=detail,
        per_picture=-(-base * factor * paid_steps // covered) + detail,
        count=request.count,
    )
