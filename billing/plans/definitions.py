"""Plans and packs as data: what is sold, its price, and what it grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings

from billing.plans import file

Interval = Literal["month", "year", ""]

_SHIPPED = Path(__file__).parent / "plans.toml"
_MONTHS: Mapping[str, int] = {"month": 1, "year": 12}
_INTERVALS: Sequence[tuple[str, Interval]] = (("monthly", "month"), ("yearly", "year"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a person may do while they have it; ``credits`` come every month."""

    key: str
    name: str
    summary: str
    credits: int
    weight: int
    queued_jobs: int | None
    # How many days pictures stay in the history; None: as long as the account exists.
    retention_days: int | None
    # How much a person may keep of files they upload, in MB; None: the site's STORAGE_MB_PER_PERSON.
    storage_mb: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing that can be bought. ``lookup_key`` finds its price in Stripe; ``amount`` is in the smallest unit."""

    lookup_key: str
    product: str
    name: str
    credits: int
    amount: int
    currency: str
    interval: Interval
    plan: Plan | None

    @property
    def is_pack(self) -> bool:
        return self.plan is None


class UnknownOffer(LookupError):
    """Nothing of that key is sold."""


def plans() -> Sequence[Plan]:
    """Return all plans, the free one first."""
    return tuple(_read(settings.PLANS_FILE)[0].values())


def plan(key: str) -> Plan:
    """Return a plan; one that is not sold any more is the free one."""
    found = _read(settings.PLANS_FILE)[0]
    return found.get(key) or found["free"]


def offers() -> Sequence[Offer]:
    """Return everything that can be bought, in the order of the file."""
    return tuple(_read(settings.PLANS_FILE)[1].values())


def offer(lookup_key: str) -> Offer:
    """Return an offer. Raises UnknownOffer."""
    try:
        return _read(settings.PLANS_FILE)[1][lookup_key]
    except KeyError:
        raise UnknownOffer(lookup_key) from None


@cache
def _read(operators: str) -> tuple[Mapping[str, Plan], Mapping[str, Offer]]:
    """Read the operator's file, or the one that comes with the program. Raises plans_file.PlansError."""
    data = file.read(Path(operators) if operators else _SHIPPED)
    found = {
        row["key"]: Plan(**{field.name: row.get(field.name) for field in fields(Plan)})
        for row in data["plans"]
    }
    sold = [*_of_plans(data, found), *_of_packs(data)]
    return MappingProxyType(found), MappingProxyType({offer.lookup_key: offer for offer in sold})


def _of_plans(data: dict[str, Any], found: Mapping[str, Plan]) -> list[Offer]:
    return [
        Offer(
            lookup_key=f"{row['key']}_{word}",
            product=f"plan_{row['key']}",
            name=row["name"],
            credits=row["credits"] * _MONTHS[interval],
            amount=row[word],
            currency=data["currency"],
            interval=interval,
            plan=found[row["key"]],
        )
        for row in data["plans"]
        for word, interval in _INTERVALS
        if word in row
    ]


def _of_packs(data: dict[str, Any]) -> list[Offer]:
    return [
        Offer(
            lookup_key=f"pack_{row['key']}",
            product=f"pack_{row['key']}",
            name=row["name"],
            credits=row["credits"],
            amount=row["price"],
            currency=data["currency"],
            interval="",
            plan=None,
        )
        for row in data.get("packs", [])
    ]
