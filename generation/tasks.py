"""Celery's entry points: names in, one call each. Nothing imports this module."""

from celery import shared_task
from django.utils import timezone

from generation import execution, heartbeat, keeping, reconciliation, recovery, sweeping, tidying

# Its signal handlers are what makes a worker beat, warm up and stop in time.
__all__ = ["end_pictures", "heartbeat", "reconcile", "sweep", "sweep_storage", "tidy", "work"]


@shared_task(name="generation.work")
def work(lane: str) -> None:
    try:
        execution.run(lane)
    except execution.ProcessSpent as spent:
        # The pool replaces this process; celery logs the loss, and the job has been queued again or failed already.
        raise SystemExit(1) from spent


@shared_task(name="generation.sweep")
def sweep() -> None:
    recovery.sweep()


@shared_task(name="generation.tidy")
def tidy() -> None:
    tidying.tidy()


@shared_task(name="generation.end_pictures")
def end_pictures() -> None:
    keeping.turn(timezone.now())


@shared_task(name="generation.sweep_storage")
def sweep_storage() -> None:
    sweeping.sweep_unreferenced()


@shared_task(name="generation.reconcile")
def reconcile() -> None:
    reconciliation.reconcile()
