"""Send traces to an OpenTelemetry collector, if configured: how long requests and runs took, by their ids.

Nothing is imported and nothing is done until ``configure`` was called. No address, prompt, person or message of an
error is ever an attribute.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from image2.lib.http.middleware import ResponseMiddleware

_tracer: Any = None


def configure() -> None:
    """Start tracing, configured by OpenTelemetry's own environment variables (``OTEL_EXPORTER_OTLP_ENDPOINT`` …)."""
    global _tracer  # noqa: PLW0603  (one for the process, like OpenTelemetry's own)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    os.environ.setdefault("OTEL_SERVICE_NAME", "image2")
    resource = Resource.create({"image2.role": os.environ.get("IMAGE2_ROLE", "command")})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("image2")


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """Time the block. Only an error's type is recorded."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode

    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__qualname__)
            current.set_status(Status(StatusCode.ERROR))
            raise


def note(**attributes: str | int) -> None:
    """Add attributes to the current span."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(attributes)


class TracingMiddleware(ResponseMiddleware):
    """One span per request: method, route, status and id. Goes after the middleware that sets the id."""

    def around(self, request: HttpRequest) -> AbstractContextManager[object]:
        return span("request", **_of(request))

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # The route as the site knows it, with no id or name of anybody in it.
        route = f"/{request.resolver_match.route}" if request.resolver_match else ""
        answer: dict[str, str | int] = {
            "http.route": route,
            "http.response.status_code": response.status_code,
        }
        note(**answer)
        return response


def _of(request: HttpRequest) -> dict[str, str | int]:
    return {
        "http.request.method": request.method or "",
        "request_id": getattr(request, "request_id", ""),
    }
