"""Celery's entry points: one call each. Nothing imports this module."""

from celery import shared_task
from django.utils import timezone

from editor import documents, generations, runs, working
from editor.files import making


@shared_task(name="editor.work")
def work() -> None:
    working.work()


@shared_task(name="editor.sweep")
def sweep() -> None:
    runs.sweep()
    generations.sweep()
    making.sweep()


@shared_task(name="editor.tidy")
def tidy() -> None:
    documents.purge_due(timezone.now())
