"""Celery's entry points: one call each. Nothing imports this module."""

from contextlib import suppress

from celery import shared_task

from billing import inbox, proof, reconciliation
from billing.ledger import expire
from billing.payments import NotConfigured


@shared_task(name="billing.expire")
def expire_credits() -> None:
    expire()


@shared_task(name="billing.prove")
def prove() -> None:
    proof.prove()


@shared_task(name="billing.reconcile")
def reconcile() -> None:
    with suppress(NotConfigured):
        reconciliation.reconcile()


@shared_task(name="billing.handle_events")
def handle_events() -> None:
    inbox.handle_waiting()


@shared_task(name="billing.heal")
def heal() -> None:
    inbox.heal()
