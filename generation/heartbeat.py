"""The worker process's life: its row in the table of workers, warming up, and passing on a shutdown."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
from importlib import import_module
from typing import Any

import structlog
from celery import signals
from django.db import connection
from django.db.models.functions import Now

from generation import catalogue
from generation.models import Worker
from image2.lib import stopping

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10
# Loaded by name: the worker of the cpu lane and the web never import it.
ENGINE = "generation.engine.production"

_lanes: set[str] = set()
_stop = threading.Event()
# Shared memory, made before the pool forks: set by the pool process once its model is loaded.
_warm = multiprocessing.Event()
_WARM_SECONDS = 180


def worker_name() -> str:
    """This machine and the worker's main process: the pool process that works is its child and dies with it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(name: str, lane: str) -> None:
    """Say that the worker lives, by the database's clock."""
    alive = Worker.objects.filter(name=name).update(heartbeat_at=Now(), lane=lane)
    if not alive:
        Worker.objects.create(name=name, lane=lane, heartbeat_at=Now())


@signals.celeryd_after_setup.connect
def _remember_lanes(sender: str, instance: Any, **_: Any) -> None:
    _lanes.update(instance.app.amqp.queues.consume_from)


@signals.worker_process_init.connect
def _warm_up(**_: Any) -> None:
    """Load the default model before the first job, so that the first person does not wait for it."""
    if "gpu" in _lanes:
        try:
            production = import_module(ENGINE)
            for entry in catalogue.enabled()[:1]:
                with production.RESIDENCY.lend(entry):
                    log.info("worker.warm", model=entry.id)
        except Exception:
            # The job will meet the same error and say it to its owner; a dead worker would say nothing.
            log.exception("worker.warm_up_failed")
    _warm.set()


@signals.worker_ready.connect
def _start_beating(**_: Any) -> None:
    if "gpu" in _lanes:
        threading.Thread(target=_keep_beating, name="heartbeat", daemon=True).start()


@signals.worker_shutting_down.connect
def _pass_on_shutdown(**_: Any) -> None:
    stopping.request()


@signals.worker_shutdown.connect
def _leave(**_: Any) -> None:
    _stop.set()
    Worker.objects.filter(name=worker_name()).delete()


def _keep_beating() -> None:
    name = worker_name()
    # Who asks whether there is a live worker asks whether it could draw now.
    _warm.wait(_WARM_SECONDS)
    while True:
        try:
            beat(name, "gpu")
        except Exception:
            log.warning("worker.heartbeat_failed", exc_info=True)
        finally:
            # Closed each time: pool processes fork from this one and must not inherit an open connection.
            connection.close()
        if _stop.wait(EVERY_SECONDS):
            return
