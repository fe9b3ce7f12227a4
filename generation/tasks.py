"""Celery tasks, one call each. Nothing imports this module."""

from celery import shared_task
from django.utils import timezone

from generation import housekeeping
from generation.files import sweeping
from generation.jobs import reconciliation, recovery
from generation.pictures import retention
from generation.search import index
from generation.uploads import unused
from generation.worker import examples, lifecycle, run, warming

# Its signal handlers make a worker send heartbeats, load its model in advance and stop in time.
__all__ = [
    "apply_retention",
    "clean_up",
    "delete_objects",
    "example",
    "expire_uploads",
    "index_search",
    "lifecycle",
    "prepare_search",
    "reconcile",
    "sweep",
    "sweep_storage",
    "warm",
    "work",
]

# Short, since other work of the lane waits meanwhile.
_SEARCH_SECONDS = 20
_DELETION_SECONDS = 20


@shared_task(name="generation.work")
def work(lane: str) -> None:
    try:
        run.run(lane)
    except run.ProcessSpent as spent:
        # The pool replaces this process and Celery logs it; the job is already requeued or failed.
        raise SystemExit(1) from spent


@shared_task(name="generation.warm")
def warm(model: str, token: str) -> None:
    warming.warm(model, token)


@shared_task(name="generation.example")
def example(model: str, token: str) -> None:
    try:
        examples.draw(model, token)
    except run.ProcessSpent as spent:
        raise SystemExit(1) from spent


@shared_task(name="generation.sweep")
def sweep() -> None:
    recovery.sweep()


@shared_task(name="generation.clean_up")
def clean_up() -> None:
    housekeeping.clean_up()


@shared_task(name="generation.delete_objects")
def delete_objects() -> None:
    """Delete what waits in the outbox, so that deleted files are gone within minutes however many there are."""
    sweeping.delete_due(limit=100_000, seconds=_DELETION_SECONDS)


@shared_task(name="generation.expire_uploads")
def expire_uploads() -> None:
    unused.expire(timezone.now())


@shared_task(name="generation.apply_retention")
def apply_retention() -> None:
    retention.run(timezone.now())


@shared_task(name="generation.sweep_storage")
def sweep_storage() -> None:
    sweeping.sweep_unreferenced()


@shared_task(name="generation.reconcile")
def reconcile() -> None:
    reconciliation.reconcile()


@shared_task(name="generation.prepare_search")
def prepare_search() -> None:
    """Add missing texts to the search, and remove deleted words from it."""
    index.prepare(seconds=_SEARCH_SECONDS)
    index.renew(seconds=_SEARCH_SECONDS)


@shared_task(name="generation.index_search")
def index_search() -> None:
    index.seal(seconds=_SEARCH_SECONDS)
