"""One question to a language model, by the HTTP interface that OpenAI's and most other servers share."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

# Seconds that each address of the host, and then TLS, has to connect; and until the whole answer is there.
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 20.0
# Bytes of an answer: a prompt of MAX_PROMPT characters, escaped, and what stands around it.
MOST_BYTES: Final = 64 * 1024


class Unanswered(Exception):
    """There is no answer: the server can't be reached, is too slow, refuses, or says something else than was asked."""


@dataclass(frozen=True, slots=True)
class Service:
    """A server: `url` is the base that /chat/completions is added to, such as https://llm.example.org/v1."""

    url: str
    model: str
    key: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def ask(service: Service, *, instruction: str, text: str) -> str:
    """Return the first answer's text as it came. Redirects aren't followed: they would send the key elsewhere.

    Raises Unanswered, at the latest ANSWER_SECONDS after the connection stands. Until then each address of the host has
    CONNECT_SECONDS, and TLS as many; how long its name is looked up is the system's to say, and isn't bounded here.
    """
    said = [{"role": "system", "content": instruction}, {"role": "user", "content": text}]
    body = json.dumps({"model": service.model, "messages": said}).encode()
    try:
        status, answer = _post(service, body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(type(error).__name__) from error
    if status != http.client.OK:
        raise Unanswered(f"status {status}")
    if len(answer) > MOST_BYTES:
        raise Unanswered("too long")
    return _text(answer)


def _post(service: Service, body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(service.url)
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    if service.key:
        headers["Authorization"] = f"Bearer {service.key}"
    with _connected(parts) as connection:
        connection.request("POST", f"{parts.path.rstrip('/')}/chat/completions", body, headers)
        response = connection.getresponse()
        return response.status, response.read(MOST_BYTES + 1)


@contextmanager
def _connected(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    """A connection that is cut ANSWER_SECONDS after it stands, however slowly the answer drips."""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    connection.connect()
    connection.sock.settimeout(ANSWER_SECONDS)
    cut = threading.Timer(ANSWER_SECONDS, _cut, (connection.sock,))
    cut.daemon = True
    cut.start()
    try:
        yield connection
    finally:
        cut.cancel()
        connection.close()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _text(answer: bytes) -> str:
    try:
        said: Any = json.loads(answer)
        text = said["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise Unanswered("no text in it") from error
    if not isinstance(text, str):
        raise Unanswered("no text in it")
    return text
