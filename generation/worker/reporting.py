"""What a worker tells the site about its models: which it holds, in how much memory, and why one can't be loaded."""

from __future__ import annotations

import os
import socket
import sys
from importlib import import_module
from typing import Any, Final

import structlog
from django.conf import settings

from generation import availability
from generation.engine.contract import ModelUnavailable
from generation.hub import controls, lora
from generation.jobs import claim
from generation.models import Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.styles import adapters

log = structlog.get_logger(__name__)

# Loaded by name: the worker of the cpu lane and the web never import them.
ENGINE: Final = "generation.engine.production"
_DEVICE: Final = "generation.engine.device"
_WEIGHTS: Final = "generation.engine.families.weights"
_LONGEST_ERROR: Final = 300
_main_process: list[int] = []
# Of this pool process, by model: why it couldn't be loaded last.
_errors: dict[str, str] = {}
_answers: dict[str, str] = {}
# By model: why its example couldn't be drawn last, though the model could be loaded.
_examples: dict[str, str] = {}
# The models that were in memory when this pool process reported last.
_reported: set[str] = set()


def worker_name() -> str:
    """This machine and the worker's main process, whose row it is: a pool process works for it, and dies with it."""
    return f"{socket.gethostname()}:{next(iter(_main_process), os.getpid())}"


def this_is_a_pool_process() -> None:
    """Work from now on in the name of the process that forked this one."""
    _main_process[:] = [os.getppid()]


def load(entry: Entry) -> None:
    """Load the model, and remember what went wrong. Raises what the engine raises."""
    try:
        with import_module(ENGINE).RESIDENCY.lend(entry):
            _errors.pop(entry.id, None)
    except Exception as error:
        failed(entry.id, error)
        raise


def load_beside(entry: Entry) -> bool:
    """Load the model if that unloads no other; return whether it is loaded. Raises what the engine raises."""
    residency = import_module(ENGINE).RESIDENCY
    if residency.resident() and not residency.has_room(entry):
        return False
    load(entry)
    return True


def stays() -> bool:
    """Whether jobs of the models in memory come first: another load so soon after the last one would cost too much."""
    engine: Any = sys.modules.get(ENGINE)  # before its first import nothing was loaded
    return engine is not None and bool(
        engine.RESIDENCY.has_just_loaded(loads=settings.JOB_STAY_LOADS, longest=claim.LONGEST_STAY_SECONDS)
    )


def failed(model: str, error: BaseException) -> None:
    _errors[model] = (str(error) or type(error).__name__)[:_LONGEST_ERROR]


def not_drawn(model: str, error: BaseException) -> None:
    """Say why its example couldn't be drawn. The model is none that couldn't be loaded unless that is the reason."""
    _examples.pop(model, None)
    if isinstance(error, ModelUnavailable):
        failed(model, error)
    else:
        _examples[model] = (str(error) or type(error).__name__)[:_LONGEST_ERROR]


def worked(model: str) -> None:
    _errors.pop(model, None)
    _examples.pop(model, None)


def answer(model: str, token: str) -> None:
    """Put the token of a request to warm into the next report, so that who asked sees that it is over."""
    _answers[model] = token


def report() -> None:
    """Write the state of each model that is switched on into the row of this pool process's parent. Never raises."""
    try:
        residency = import_module(ENGINE).RESIDENCY
        resident, seconds = residency.resident_mb(), residency.load_seconds()
        models = {entry.id: _facts(entry, resident, seconds) for entry in catalogue.enabled()}
        device = import_module(_DEVICE).label()
        Worker.objects.filter(name=worker_name()).update(models=models, device=device[:80])
        _reported.clear()
        _reported.update(resident)
    except Exception:
        log.warning("worker.not_reported", exc_info=True)


def report_loads() -> None:
    """Report if models were loaded or unloaded since the last report: others leave their jobs to this worker then."""
    if set(import_module(ENGINE).RESIDENCY.resident()) != _reported:
        report()


def _facts(entry: Entry, resident: dict[str, int], seconds: dict[str, float]) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": _state(entry, resident)}
    if lacks := _lacks(entry):
        facts["lacks"] = lacks
    if entry.id in seconds:
        facts["load_seconds"] = round(seconds[entry.id], 3)
    if entry.id in resident:
        facts["memory_mb"] = resident[entry.id]
    if entry.id in _errors:
        facts["error"] = _errors[entry.id]
    if entry.id in _examples:
        facts["example_error"] = _examples[entry.id]
    if entry.id in _answers:
        facts["answer"] = _answers[entry.id]
    return facts


def _lacks(entry: Entry) -> list[str]:
    """The files beside the model's own that aren't on this machine, by the names that jobs have for them."""
    found = [
        f"adapter:{adapter.key}"
        for adapter in adapters.offered(model=entry.id)
        if not lora.file_of(adapter).is_file()
    ]
    return found + [f"control:{kind}" for kind in entry.controls if not controls.is_here(entry, kind)]


def _state(entry: Entry, resident: dict[str, int]) -> str:
    if entry.id in resident:
        return availability.LOADED
    if entry.id in _errors:
        return availability.FAILED
    return availability.HERE if import_module(_WEIGHTS).is_here(entry) else availability.MISSING
