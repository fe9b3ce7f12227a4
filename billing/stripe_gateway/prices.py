"""Products and prices at Stripe: found by lookup key, made when they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from billing.payments import Gone, Price
from billing.stripe_gateway import objects
from billing.stripe_gateway.client import client, errors

KEYS_AT_ONCE = 10  # one request may name no more


def prices(lookup_keys: Sequence[str]) -> dict[str, Price]:
    """Return the active prices of these lookup keys, by key."""
    found: dict[str, Price] = {}
    with errors():
        for begin in range(0, len(lookup_keys), KEYS_AT_ONCE):
            some = list(lookup_keys[begin : begin + KEYS_AT_ONCE])
            listed = client().v1.prices.list(params={"lookup_keys": some, "active": True, "limit": 100})
            found |= {
                row.lookup_key: objects.price(row) for row in listed.auto_paging_iter() if row.lookup_key
            }
    return found


def create_product(*, product_id: str, name: str) -> bool:
    """Make a product under our own id; False when it is there."""
    try:
        with errors("product"):
            client().v1.products.retrieve(product_id)
    except Gone:
        with errors():
            client().v1.products.create(
                params={"id": product_id, "name": name}, options={"idempotency_key": f"product:{product_id}"}
            )
        return True
    return False


def create_price(*, lookup_key: str, product_id: str, amount: int, currency: str, interval: str) -> Price:
    """Make a price that takes the lookup key over from the one that had it."""
    params: dict[str, Any] = {
        "product": product_id,
        "unit_amount": amount,
        "currency": currency,
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
        "metadata": {"offer": lookup_key},
    }
    if interval:
        params["recurring"] = {"interval": interval}
    with errors():
        made = client().v1.prices.create(
            params=params,  # type: ignore[arg-type]  # see buying.py
            options={"idempotency_key": f"price:{lookup_key}:{amount}:{currency}"},
        )
    return objects.price(made)
