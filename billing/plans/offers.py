"""What the pricing page shows: our data, with the price that Stripe will really charge when it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import structlog
from django.core.cache import caches
from django.utils.formats import number_format

from billing import stripe_gateway
from billing.payments import NotConfigured, Refused, Unavailable
from billing.plans import current, definitions
from billing.plans.definitions import Offer, Plan

log = structlog.get_logger(__name__)

_CACHE_KEY, _CACHE_SECONDS = "billing.stripe_amounts", 300
_WITHOUT_CENTS = {"jpy", "krw", "vnd", "clp", "huf", "isk"}
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan with what it costs in its two rhythms; None where it is not sold so."""

    plan: Plan
    monthly: Offer | None
    yearly: Offer | None
    queued_jobs: int
    storage: int  # bytes of files that a person uploads


def plans_shown() -> Sequence[PlanShown]:
    sold = _priced()
    return [
        PlanShown(
            plan,
            next((offer for offer in sold if offer.plan == plan and offer.interval == "month"), None),
            next((offer for offer in sold if offer.plan == plan and offer.interval == "year"), None),
            current.queued_jobs_of(plan),
            current.storage_of(plan),
        )
        for plan in definitions.plans()
    ]


def packs_shown() -> Sequence[Offer]:
    return [offer for offer in _priced() if offer.is_pack]


def money(amount: int, currency: str) -> str:
    """Return an amount in the smallest unit as people write it: "$9", "€24.50", "1,200 SEK"."""
    value = Decimal(amount) if currency in _WITHOUT_CENTS else Decimal(amount) / 100
    text = number_format(value, 0 if value == value.to_integral() else 2, use_l10n=True, force_grouping=True)
    sign = _SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{text} {currency.upper()}"


def _priced() -> Sequence[Offer]:
    asked = _amounts()
    return [
        replace(offer, amount=asked[offer.lookup_key][0], currency=asked[offer.lookup_key][1])
        if offer.lookup_key in asked
        else offer
        for offer in definitions.offers()
    ]


def _amounts() -> dict[str, tuple[int, str]]:
    """Return Stripe's amounts by lookup key, cached for minutes; nothing when it can't be reached."""
    if not stripe_gateway.is_configured():
        return {}
    kept: dict[str, tuple[int, str]] | None = caches["forgetful"].get(_CACHE_KEY)
    if kept is None:
        try:
            found = stripe_gateway.prices([offer.lookup_key for offer in definitions.offers()])
        except (Unavailable, Refused, NotConfigured):
            log.warning("stripe.prices_unknown", exc_info=True)
            return {}
        kept = {key: (price.amount, price.currency) for key, price in found.items()}
        caches["forgetful"].set(_CACHE_KEY, kept, _CACHE_SECONDS)
    return kept
