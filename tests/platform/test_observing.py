"""What leaves for Sentry and for an OpenTelemetry collector: received over HTTP, and read to the last byte."""

from __future__ import annotations

import gzip
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.processes import quiet_environment

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "a portrait of my daughter Wilhelmina"
ADDRESS = "wilhelmina@example.org"
# redis imports most of OpenTelemetry by itself where it is installed; what sends is ours.
PACKAGES = ("sentry_sdk", "opentelemetry.exporter")

# Everything that a process might give away, given away: messages, variables, a request with a body and a cookie.
SPILL = f"""
import django; django.setup()
import logging, structlog
from unittest import mock
from django.test import Client
from image2.website import health
log = structlog.get_logger("generation.worker.attempt")
def breaks(prompt):
    address = {ADDRESS!r}
    raise ValueError(f"{{prompt}} by {{address}}")
def view(*args, **kwargs):
    breaks({PROMPT!r})
with structlog.contextvars.bound_contextvars(job_id="job-1234"):
    try:
        breaks({PROMPT!r})
    except ValueError as error:
        log.error("job.failed", exc_info=error, prompt={PROMPT!r}, email={ADDRESS!r})
        log.exception("job.not_settled")
logging.getLogger("somebody").error("could not write to %s", {ADDRESS!r})
client = Client(raise_request_exception=False)
client.cookies["session"] = "secret-cookie"
with mock.patch.object(health, "JsonResponse", view):
    answer = client.get("/healthz", {{"q": {PROMPT!r}}}, headers={{"X-Request-ID": "request-5678"}})
assert answer.status_code == 500, answer
"""
TRACE = f"""
import django; django.setup()
from django.test import Client
from image2.lib.observing import tracing
client = Client(raise_request_exception=False)
client.get("/healthz", {{"q": {PROMPT!r}}}, headers={{"X-Request-ID": "request-5678"}})
try:
    with tracing.span("run", job_id="job-1234", model="bundled"):
        tracing.note(pictures=2)
        raise ValueError({PROMPT!r})
except ValueError:
    pass
"""


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[tuple[str, bytes]] = []

    @property
    def everything(self) -> bytes:
        return b"\n".join(body for _path, body in self.posted)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.posted.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in the base)
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def run(program: str, home: Path, **environment: str) -> list[str]:
    """Run a program as the site would be run, and return the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", program + "\nimport sys; print('modules', *sys.modules)"],
        cwd=ROOT,
        env=quiet_environment(
            IMAGE2_HOME=str(home),
            DJANGO_SETTINGS_MODULE="image2.settings",
            ALLOWED_HOSTS="testserver",
            DEBUG="true",  # the error page finds its style sheets without their being collected
            **environment,
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return next(line for line in done.stdout.splitlines() if line.startswith("modules ")).split()[1:]


def events_in(receiver: Receiver) -> list[dict[str, Any]]:
    """The events of the envelopes: a line of headers, then for each item a line of headers and its payload."""
    found: list[dict[str, Any]] = []
    for path, body in receiver.posted:
        assert path == "/api/1/envelope/"
        lines = body.split(b"\n")
        found.extend(
            json.loads(payload)
            for headers, payload in zip(lines[1::2], lines[2::2], strict=False)
            if json.loads(headers)["type"] == "event"
        )
    return found


def test_errors_are_sent_with_their_ids_and_without_anybodys_words(
    receiver: Receiver, tmp_path: Path
) -> None:
    dsn = f"http://key@127.0.0.1:{receiver.server_port}/1"
    loaded = run(SPILL, tmp_path, SENTRY_DSN=dsn, SENTRY_ENVIRONMENT="here", IMAGE2_ROLE="gpu")
    assert "opentelemetry.exporter" not in loaded
    events = {event["logentry"]["message"]: event for event in events_in(receiver)}
    assert set(events) == {"job.failed", "job.not_settled", "somebody", "django.request"}
    failed = events["job.failed"]
    assert failed["tags"] == {"job_id": "job-1234", "role": "gpu"}
    assert failed["environment"] == "here"
    (error,) = failed["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "breaks"
    assert events["job.not_settled"]["exception"]["values"][0]["type"] == "ValueError"
    assert events["django.request"]["tags"]["request_id"] == "request-5678"
    assert (
        events["django.request"]["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "breaks"
    )
    for private in (PROMPT, "Wilhelmina", ADDRESS, "secret-cookie", "/healthz"):
        assert private.encode() not in receiver.everything


@pytest.mark.long
def test_traces_are_sent_with_their_ids_and_without_anybodys_words(
    receiver: Receiver, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}"
    loaded = run(TRACE, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=url, IMAGE2_ROLE="gpu")
    assert "sentry_sdk" not in loaded
    assert {path for path, _body in receiver.posted} == {"/v1/traces"}
    for sent in (b"request-5678", b"job-1234", b"http.route", b"healthz", b"bundled", b"ValueError", b"gpu"):
        assert sent in receiver.everything
    for private in (PROMPT, "Wilhelmina"):
        assert private.encode() not in receiver.everything


@pytest.mark.long
def test_with_neither_named_neither_package_is_imported(tmp_path: Path) -> None:
    loaded = run("import django; django.setup(); import image2.asgi, generation.tasks", tmp_path)
    assert [name for name in loaded if name.startswith(PACKAGES)] == []
