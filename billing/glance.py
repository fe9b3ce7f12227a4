"""What every page shows of a person's billing, in one query: the credits, and whether a plan waits to be paid."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from billing.ledger import clock
from billing.models import Account, Grant, Subscription


@dataclass(frozen=True, slots=True)
class Glance:
    """``unpaid`` is the state of a subscription whose payment failed: "past_due" (the grace), "unpaid", or nothing."""

    available: int = 0
    unpaid: str = ""


def glance(user: User) -> Glance:
    """Read it now and keep nothing: what was paid a moment ago must show.

    The account's row carries the answer about subscriptions, so that nobody pays a query for it: whoever has a plan
    was granted credits, and so has an account.
    """
    overdue = Grant.objects.filter(account=OuterRef("pk")).overdue(clock.now()).order_by()
    gone = overdue.values("account").annotate(gone=Sum("remaining")).values("gone")
    waiting = Subscription.objects.filter(customer__user=OuterRef("user"), status__in=Subscription.UNPAID)
    row = (
        Account.objects.visible_to(user)
        .annotate(
            gone=Coalesce(Subquery(gone), 0), unpaid=Subquery(waiting.order_by("status").values("status")[:1])
        )
        .values_list("available", "gone", "unpaid")
        .first()
    )
    if row is None:
        return Glance()
    available, expired, unpaid = row
    return Glance(available - expired, unpaid or "")
