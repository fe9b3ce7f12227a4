"""``{% load money %} {{ offer.amount|money:offer.currency }}``."""

from __future__ import annotations

from django import template

from billing.plans import offers

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """Write an amount that is in the smallest unit of its currency."""
    return offers.money(amount, currency)
