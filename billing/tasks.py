"""Celery tasks, one call each. Nothing imports this module."""

from contextlib import suppress

from celery import shared_task

from billing import leaving, old_records
from billing.ledger import expire, verification
from billing.payments import NotConfigured
from billing.purchases import ending, inbox, mirrors, open_checkouts, reconciliation


@shared_task(name="billing.expire")
def expire_credits() -> None:
    expire()


@shared_task(name="billing.verify_ledger")
def verify_ledger() -> None:
    verification.verify()


@shared_task(name="billing.reconcile")
def reconcile() -> None:
    with suppress(NotConfigured):
        mirrors.refresh()
        reconciliation.reconcile()


@shared_task(name="billing.delete_customers")
def delete_customers() -> None:
    leaving.delete_of_erased()


@shared_task(name="billing.delete_old_records")
def delete_old_records() -> None:
    old_records.delete_old()


@shared_task(name="billing.handle_events")
def handle_events() -> None:
    inbox.handle_waiting()
    ending.finish_waiting()
    open_checkouts.expire_of_erased()


@shared_task(name="billing.backfill")
def backfill() -> None:
    inbox.backfill()
