"""Celery's entry points: names in, one call each. Nothing imports this module."""

from celery import shared_task

from generation import execution, heartbeat, recovery, tidying

__all__ = ["heartbeat", "sweep", "tidy", "work"]


@shared_task(name="generation.work")
def work(lane: str) -> None:
    execution.run(lane)


@shared_task(name="generation.sweep")
def sweep() -> None:
    recovery.sweep()


@shared_task(name="generation.tidy")
def tidy() -> None:
    tidying.tidy()
