"""What follows when Stripe has no object of an id that we keep: a table, one answer for each kind of id.

Ids go when somebody deletes an object at Stripe, or when a site that began in a sandbox gets its live key. Whatever the
reason, an id that is gone may never lock a person out, keep charging in our books, or hold credits back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from billing.purchases import customers, fulfilment, reversal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``kept_in`` names the columns that keep such ids; ``act`` gets the id and may be repeated."""

    what: str
    kept_in: Sequence[str]
    means: str
    act: Callable[[str], None]


def _nothing(_id: str) -> None:
    """There is nothing of ours to change."""


_EVENT = "billing.StripeEvent.body"
_LOT = "billing.Grant.source_ref"

ANSWERS: Mapping[str, Answer] = {
    "cus": Answer(
        what="customer",
        kept_in=["billing.Customer.stripe_id"],
        means="the person gets a new customer, once, and continues; the old row stays for payments of its time",
        act=customers.retire,
    ),
    "sub": Answer(
        what="subscription",
        kept_in=["billing.Subscription.stripe_id", _EVENT],
        means="it charges nothing, so its plan has ended; the person can buy another",
        act=fulfilment.subscription_gone,
    ),
    "cs": Answer(
        what="session",
        kept_in=["billing.Order.session_id", _LOT, _EVENT],
        means="nobody can pay there any more; what it granted stays, and the reconciliation names it",
        act=fulfilment.session_gone,
    ),
    "in": Answer(
        what="invoice",
        kept_in=[_LOT, _EVENT],
        means="it grants nothing; what it granted before stays, and the reconciliation names it",
        act=_nothing,
    ),
    "pi": Answer(
        what="payment_intent",
        kept_in=[_LOT, "billing.PlanEnding.payment_intent"],
        means="it counts as not paid: the reconciliation names what it granted, and a refund that can't be made",
        act=_nothing,
    ),
    "re": Answer(
        what="refund",
        kept_in=["billing.Transaction.ref", "billing.PlanEnding.refund_id", _EVENT],
        means="it takes no credits back",
        act=_nothing,
    ),
    "dp": Answer(
        what="dispute",
        kept_in=["billing.Freeze.ref", "billing.Transaction.ref", _EVENT],
        means="nothing is disputed any more, so the credits that it froze can be spent",
        act=reversal.dispute_gone,
    ),
    "du": Answer(
        what="dispute",
        kept_in=["billing.Freeze.ref", "billing.Transaction.ref", _EVENT],
        means="the same, under the name that Stripe gives disputes now",
        act=reversal.dispute_gone,
    ),
    "evt": Answer(
        what="event",
        kept_in=["billing.StripeEvent.stripe_id"],
        means="nothing: events are never asked for by their ids, only the objects that they are about",
        act=_nothing,
    ),
}


def settle(foreign_id: str) -> None:
    """Do what follows from this object being gone; an unknown kind of id changes nothing."""
    if answer := ANSWERS.get(foreign_id.partition("_")[0]):
        answer.act(foreign_id)
