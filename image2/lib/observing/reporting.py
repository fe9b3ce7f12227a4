"""Send errors to Sentry, if configured: where it failed, in which request or job, and nothing that a person wrote.

What is sent is built from an allow-list. The message of an exception may hold a prompt or an address, so only its type
is sent; there are no local variables, no request, no user, no breadcrumbs and no name of the machine.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.utils import event_from_exception

_KEPT = frozenset(
    {
        *("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk"),
        *("exception", "logentry", "tags"),
    }
)
_IDS = ("request_id", "job_id")
# What our own events are called ("job.failed"); anything else may be a sentence with somebody's words in it.
_EVENT_NAME = re.compile(r"[a-z0-9_.]{1,80}")


class Handler(logging.Handler):
    """Sends records of level ERROR and above."""

    def __init__(self, dsn: str, *, environment: str, level: int | str = logging.ERROR) -> None:
        super().__init__(level)
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            default_integrations=False,  # each of them would look into requests, queries or variables
            auto_enabling_integrations=False,
            include_local_variables=False,
            send_default_pii=False,
            send_client_reports=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            before_send=lambda event, _hint: _pruned(event),
        )

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sentry_sdk.capture_event(_event(record))
        except Exception:  # noqa: BLE001  (as every handler of the standard library does)
            self.handleError(record)

    def close(self) -> None:
        sentry_sdk.flush(timeout=2)
        super().close()


def _event(record: logging.LogRecord) -> Any:
    said: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {}
    event: dict[str, Any] = {}
    if error := _exception(record, said):
        options = sentry_sdk.get_client().options
        event |= event_from_exception(error, client_options=options)[0]
    name = str(said.get("event", ""))
    known = structlog.contextvars.get_contextvars() | said
    return event | {
        "level": record.levelname.lower(),
        "logger": record.name,
        "logentry": {"message": name if _EVENT_NAME.fullmatch(name) else record.name},
        "tags": {key: str(known[key]) for key in _IDS if key in known}
        | {"role": os.environ.get("IMAGE2_ROLE", "command")},
    }


def _exception(record: logging.LogRecord, said: dict[str, Any]) -> BaseException | None:
    """Of the record, or of our own event: there it is still as it was given, the error itself or True."""
    given = record.exc_info or said.get("exc_info")
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _pruned(event: Any) -> Any:
    kept = {key: value for key, value in event.items() if key in _KEPT}
    for error in kept.get("exception", {}).get("values", ()):
        error["value"] = ""
        error["mechanism"] = {"type": "logging", "handled": True}
    return kept
