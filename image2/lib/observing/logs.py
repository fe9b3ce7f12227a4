"""Structured logs: one line per event, JSON in production, with the request and job it belongs to."""

from __future__ import annotations

import logging.config
from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
]


def logging_config(*, json_lines: bool, level: str, sentry: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the dictConfig that renders standard-library and structlog events alike to standard output.

    ``sentry`` is what ``image2.lib.observing.reporting.Handler`` takes; without it that module is never imported.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    final: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json_lines:
        final.append(structlog.processors.format_exc_info)
    handlers: dict[str, dict[str, Any]] = {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "lines"}
    }
    if sentry:
        handlers["sentry"] = {"()": "image2.lib.observing.reporting.Handler", "level": "ERROR", **sentry}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [*final, renderer],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            "uvicorn.access": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            # A line per task adds nothing to our own events; the sweep alone would write six a minute.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Apply ``logging_config`` and point structlog at the same handlers (Django's ``LOGGING_CONFIG``)."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
