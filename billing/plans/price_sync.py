"""Stripe's products and prices against what we sell: what differs, and how to settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing import stripe_gateway
from billing.plans import definitions
from billing.plans.definitions import Offer


@dataclass(frozen=True, slots=True)
class Difference:
    offer: Offer
    sentence: str


def differences() -> Sequence[Difference]:
    """Ask Stripe for every price; raises the errors of payments."""
    there = stripe_gateway.prices([offer.lookup_key for offer in definitions.offers()])
    found: list[Difference] = []
    for offer in definitions.offers():
        price = there.get(offer.lookup_key)
        ours = (offer.amount, offer.currency, offer.interval)
        if price is None:
            found.append(
                Difference(offer, f"{offer.lookup_key}: missing at Stripe; would be made at {_said(*ours)}")
            )
        elif (price.amount, price.currency, price.interval) != ours:
            theirs = _said(price.amount, price.currency, price.interval)
            found.append(Difference(offer, f"{offer.lookup_key}: {theirs} at Stripe, {_said(*ours)} here"))
    return found


def settle(difference: Difference) -> None:
    """Make a missing product, and a price that takes the lookup key over; the old price stays for who pays it."""
    offer = difference.offer
    stripe_gateway.create_product(product_id=offer.product, name=f"Image 2: {offer.name}")
    stripe_gateway.create_price(
        lookup_key=offer.lookup_key,
        product_id=offer.product,
        amount=offer.amount,
        currency=offer.currency,
        interval=offer.interval,
    )


def _said(amount: int, currency: str, interval: str) -> str:
    return f"{amount} {currency}" + (f" a {interval}" if interval else " once")
