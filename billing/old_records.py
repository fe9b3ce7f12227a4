"""Records of payments end: what book-keeping asks for is deleted ten years after an erased person's last line.

An account in use keeps its lines, since its balance follows from all of them. The database itself refuses the deletion
of anything else (`ledger.triggers`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from billing.ledger.triggers import KEPT_YEARS
from billing.models import (
    Account,
    Customer,
    Entry,
    Freeze,
    Grant,
    Hold,
    HoldPart,
    Order,
    PlanEnding,
    Subscription,
    Transaction,
)

log = structlog.get_logger(__name__)

_KEPT = timedelta(days=KEPT_YEARS * 365 + 3)  # with the most leap days that there can be


def delete_old(limit: int = 100) -> int:
    """Delete what erased people left and whose time is over; return how many credit accounts. Called by the beat.

    Each account is its own transaction, so that a sweep may be killed anywhere, and one that the database keeps stops
    no other.
    """
    before = timezone.now() - _KEPT
    deleted = 0
    # Those that stay are passed over, however many they are: the limit is of what was deleted.
    for account in list(_accounts(before).order_by("pk").values_list("pk", flat=True)):
        deleted += _is_deleted(account)
        if deleted == limit:
            break
    for customer in Customer.objects.filter(user=None, gone_at__lt=before).order_by("pk")[:limit]:
        _delete_customer(customer)
    Order.objects.filter(user=None, created_at__lt=before).delete()
    if deleted:
        log.info("ledger.old_accounts_deleted", count=deleted)
    return deleted


def _accounts(before: datetime) -> QuerySet[Account]:
    newer = Transaction.objects.filter(account=OuterRef("pk"), created_at__gte=before)
    return Account.objects.filter(~Exists(newer), user=None, created_at__lt=before)


def _is_deleted(account: int) -> bool:
    """Delete it; False, with a line in the log, where the database refuses that."""
    try:
        _delete_account(account)
    except DatabaseError:
        log.exception("ledger.old_account_not_deleted", account=account)
        return False
    return True


@transaction.atomic
def _delete_account(account: int) -> None:
    """From the leaves to the root, since the rows are protected by those that point to them."""
    rows: tuple[QuerySet, ...] = (  # type: ignore[type-arg]  # of several models
        Entry.objects.filter(transaction__account=account),
        HoldPart.objects.filter(hold__account=account),
        Hold.objects.filter(account=account),
        Transaction.objects.filter(account=account),
        Grant.objects.filter(account=account),
        Freeze.objects.filter(account=account),
        Account.objects.filter(pk=account),
    )
    for some in rows:
        some.delete()


@transaction.atomic
def _delete_customer(customer: Customer) -> None:
    PlanEnding.objects.filter(subscription__customer=customer).delete()
    Subscription.objects.filter(customer=customer).delete()
    customer.delete()
