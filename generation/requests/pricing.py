"""The price of a request in credits: one function serves the display and the charge."""

from dataclasses import dataclass
from typing import Final

from generation.requests import catalogue
from generation.requests.request import GenerationRequest

SIZE_FACTORS: Final = {"1k": 1, "2k": 2, "4k": 4, "8k": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceParts:
    """The parts of a price; `total` is always `per_picture * count`, so that each picture can be charged alone."""

    base: int
    size_factor: int
    steps: int
    covered_steps: int
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
    """Base price × size × steps beyond those that it covers, rounded up to a whole credit, × pictures (or layers)."""
    entry = catalogue.get(request.model)
    factor = SIZE_FACTORS[request.size]
    covered = max(entry.default_steps, entry.base_steps)
    paid_steps = max(request.steps, covered)
    return PriceParts(
        base=entry.base_price,
        size_factor=factor,
        steps=request.steps,
        covered_steps=covered,
        per_picture=-(-entry.base_price * factor * paid_steps // covered),
        count=request.count,
    )
