"""What a worker tells the site about its models: which it holds, in how much memory, and why one can't be loaded."""

from __future__ import annotations

import os
import socket
from importlib import import_module
from typing import Any, Final

import structlog

from generation import availability
from generation.models import Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry

log = structlog.get_logger(__name__)

# Loaded by name: the worker of the cpu lane and the web never import them.
ENGINE: Final = "generation.engine.production"
_WEIGHTS: Final = "generation.engine.families.weights"
_LONGEST_ERROR: Final = 300
# Of this pool process, by model: why it couldn't be loaded last.
_errors: dict[str, str] = {}
_answers: dict[str, str] = {}


def load(entry: Entry) -> None:
    """Load the model, and remember what went wrong. Raises what the engine raises."""
    try:
        with import_module(ENGINE).RESIDENCY.lend(entry):
            _errors.pop(entry.id, None)
    except Exception as error:
        failed(entry.id, error)
        raise


def failed(model: str, error: BaseException) -> None:
    _errors[model] = (str(error) or type(error).__name__)[:_LONGEST_ERROR]


def worked(model: str) -> None:
    _errors.pop(model, None)


def answer(model: str, token: str) -> None:
    """Put the token of a request to warm into the next report, so that who asked sees that it is over."""
    _answers[model] = token


def report() -> None:
    """Write the state of each model that is switched on into the row of this pool process's parent. Never raises."""
    try:
        resident = import_module(ENGINE).RESIDENCY.resident_mb()
        models = {entry.id: _facts(entry, resident) for entry in catalogue.enabled()}
        Worker.objects.filter(name=f"{socket.gethostname()}:{os.getppid()}").update(models=models)
    except Exception:
        log.warning("worker.not_reported", exc_info=True)


def _facts(entry: Entry, resident: dict[str, int]) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": _state(entry, resident)}
    if entry.id in resident:
        facts["memory_mb"] = resident[entry.id]
    if entry.id in _errors:
        facts["error"] = _errors[entry.id]
    if entry.id in _answers:
        facts["answer"] = _answers[entry.id]
    return facts


def _state(entry: Entry, resident: dict[str, int]) -> str:
    if entry.id in resident:
        return availability.LOADED
    if entry.id in _errors:
        return availability.FAILED
    return availability.HERE if import_module(_WEIGHTS).is_here(entry) else availability.MISSING
