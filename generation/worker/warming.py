"""Ask a worker to load a model now, or to draw its example, and wait for its answer."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

from celery import current_app

from generation import availability, examples
from generation.models import Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.worker import reporting

LANE: Final = "gpu"
_LOOK_SECONDS: Final = 0.5


class NotWarm(Exception):
    """No worker loaded it, or drew its example; the message is one sentence."""


def ask(entry: Entry, *, seconds: float) -> str:
    """Have a worker load the model, and say what it holds. Raises NotWarm."""
    return _in_words(entry, *_sent("generation.warm", entry, seconds))


def ask_for_example(entry: Entry, *, seconds: float) -> str:
    """Have a worker draw the model's example picture, and say what it shows. Raises NotWarm and examples.NoExample."""
    examples.request(entry)
    before = examples.made_at(entry)
    worker, facts = _sent("generation.example", entry, seconds)
    if examples.made_at(entry) == before:
        why = facts.get("example_error") or facts.get("error", "see its log")
        raise NotWarm(f"{entry.id}: {worker} couldn't draw it: {why}")
    return f"{entry.id}: {worker} drew “{examples.request(entry).prompt}”. /create/ shows it."


def _sent(task: str, entry: Entry, seconds: float) -> tuple[str, dict[str, Any]]:
    """Send the request, wait for the report of the worker that took it, and return both. Raises NotWarm."""
    if not entry.enabled:
        raise NotWarm(
            f"{entry.id} is switched off in the catalogue file: set enabled = true and restart the workers."
        )
    if not Worker.objects.alive().filter(lane=LANE).exists():
        raise NotWarm("No gpu worker is alive: start one, and see its log.")
    token = secrets.token_hex(8)
    current_app.send_task(
        task,
        kwargs={"model": entry.id, "token": token},
        queue=LANE,
        expires=seconds,
        ignore_result=True,
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := _answer(entry.id, token):
            return found
        time.sleep(_LOOK_SECONDS)
    raise NotWarm(
        f"{entry.id}: no worker did it within {seconds:g} s. They draw, or load it still: see their logs."
    )


def warm(model: str, token: str) -> None:
    """Load the model in this worker, between two jobs. Called by Celery."""
    try:
        reporting.load(catalogue.get(model))
    finally:
        reporting.answer(model, token)
        reporting.report()


def _answer(model: str, token: str) -> tuple[str, dict[str, Any]] | None:
    for name, models in Worker.objects.alive().values_list("name", "models"):
        facts = models.get(model, {})
        if facts.get("answer") == token:
            return name, facts
    return None


def _in_words(entry: Entry, worker: str, facts: dict[str, Any]) -> str:
    if facts["state"] != availability.LOADED:
        raise NotWarm(f"{entry.id}: {worker} couldn't load it: {facts.get('error', 'see its log')}")
    return f"{entry.id}: {worker} holds it, in {facts['memory_mb']:,} MB."
