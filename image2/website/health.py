"""Two probes: ``/healthz`` says that the web process answers, ``/readyz`` that every part works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse

from accounts.models import User
from accounts.staff.second_factor import is_shown
from generation.jobs import estimates
from generation.models import Worker
from image2.celery import app
from image2.lib.http.access import Caller, allow
from image2.website import monitoring

LEAST_FREE_BYTES = 200 * 1024 * 1024


@allow(Caller.ANYONE)
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers; checks nothing else, so that a slow database doesn't restart the web."""
    return JsonResponse({"status": "ok"})


@allow(Caller.ANYONE)
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker, storage and a live worker are there; else 503, and which is not for who may know.

    A worker that still loads its model is alive: what is submitted now will be drawn. ``model`` distinguishes the two.
    """
    found = parts()
    ready = all(found.values())
    answer: dict[str, Any] = {"status": "ready" if ready else "not ready"}
    if _may_know(request):
        answer |= {"parts": found, "model": _model(found)}
    response = JsonResponse(answer, status=200 if ready else 503)
    # A probe that asks every second would fill the log with what its response says already.
    setattr(response, "_has_been_logged", True)  # noqa: B010  (what django.utils.log.log_response looks at)
    return response


def _may_know(request: HttpRequest) -> bool:
    """Whether this may be told what the site is made of: in production staff and the operator's monitoring alone."""
    return not settings.PRODUCTION or monitoring.bears_token(request) or _works(lambda: _is_staff(request))


def _is_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff and is_shown(request)


def parts() -> dict[str, bool]:
    """Return which parts of the site answer now."""
    return {name: _works(check) for name, check in CHECKS.items()}


def _works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001
        # Whatever a part raises means the same to a probe: not ready. The log of the part itself says why.
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _broker() -> bool:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return bool(settings.REDIS_URL) or (settings.HOME / "broker" / "messages").is_dir()


def _storage() -> bool:
    default_storage.exists("probe")
    return bool(settings.S3_BUCKET) or shutil.disk_usage(settings.HOME).free > LEAST_FREE_BYTES


def _worker() -> bool:
    return Worker.objects.alive().filter(lane="gpu").exists()


def _model(parts: dict[str, bool]) -> str | None:
    if not parts["worker"]:
        return None
    return "loading" if estimates.is_loading("gpu") else "loaded"


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "broker": _broker,
    "storage": _storage,
    "worker": _worker,
}
