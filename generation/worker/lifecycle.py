"""A worker process: its heartbeat in the table of workers, and loading the model in advance."""

from __future__ import annotations

import threading
from multiprocessing.sharedctypes import RawValue
from typing import Any

import structlog
from celery import signals
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from generation.models import Worker
from generation.moderation import pictures
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.worker import reporting
from generation.worker.reporting import worker_name
from image2.lib.processes import shutdown

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10
# Seconds between two checks by the main process whether its pool process has loaded.
_LOOK_SECONDS = 0.5

_lanes: set[str] = set()
_stop = threading.Event()
# Shared memory, made before the pool forks: whether the pool process could draw now. Without a lock, which a process
# that is killed while it writes would hold forever.
_warm = RawValue("b", 0)


def beat(name: str, lane: str, *, is_loading: bool = False) -> None:
    """Record that the worker is alive, by the database's clock, and whether it still loads its model."""
    known = Worker.objects.filter(name=name)
    if not known.update(heartbeat_at=Now(), lane=lane, is_loading=is_loading):
        Worker.objects.create(name=name, lane=lane, heartbeat_at=Now(), is_loading=is_loading)


@signals.celeryd_after_setup.connect
def _remember_lanes(sender: str, instance: Any, **_: Any) -> None:
    _lanes.update(instance.app.amqp.queues.consume_from)
    if "gpu" in _lanes:
        # The first beat is not the thread's: the pool forks now, and must not do so while a thread is in the database.
        _beat_once(is_loading=True)


@signals.worker_process_init.connect
def _warm_up(**_: Any) -> None:
    """Load what the catalogue wants warm before the first job, so that the first person doesn't wait for it."""
    if "gpu" not in _lanes:
        return
    _warm.value = 0
    reporting.this_is_a_pool_process()
    pictures.report()
    for entry in _turned(catalogue.warm()):
        _warm_one(entry)
    reporting.report()
    _warm.value = 1


def _warm_one(entry: Entry) -> None:
    """Load one model, if it fits beside those that were loaded before it."""
    try:
        if reporting.load_beside(entry):
            log.info("worker.warm", model=entry.id)
        else:
            log.warning("worker.no_room_to_warm", model=entry.id)
    except Exception:
        # The first job meets the same error and reports it to its owner; a dead worker would report nothing.
        log.exception("worker.warm_up_failed", model=entry.id)


def _turned(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Begin with another model than the workers before this one: what doesn't fit one card is warm on another."""
    try:
        before = Worker.objects.alive().filter(lane="gpu", name__lt=worker_name()).count()
    except DatabaseError:
        log.warning("worker.others_unknown", exc_info=True)
        before = 0
    start = before % len(entries) if entries else 0
    return entries[start:] + entries[:start]


@signals.worker_ready.connect
def _start_beating(**_: Any) -> None:
    if "gpu" in _lanes:
        threading.Thread(target=_keep_beating, name="heartbeat", daemon=True).start()


@shutdown.last_act
def _leave() -> None:
    _stop.set()
    try:
        Worker.objects.filter(name=worker_name()).delete()
    finally:
        connection.close()


def _keep_beating() -> None:
    while not _stop.is_set():
        was_warm = _warm.value
        _beat_once(is_loading=not was_warm)
        for _look in range(int(EVERY_SECONDS / _LOOK_SECONDS)):
            if _stop.wait(_LOOK_SECONDS) or _warm.value != was_warm:
                break


def _beat_once(*, is_loading: bool) -> None:
    try:
        beat(worker_name(), "gpu", is_loading=is_loading)
    except Exception:
        log.warning("worker.heartbeat_failed", exc_info=True)
    finally:
        # Closed each time: pool processes fork from this one and must not inherit an open connection.
        connection.close()
