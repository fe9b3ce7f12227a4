"""A body that is far too large is refused before any of it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from image2.lib.http.body_limit import BodyLimit


class Recorder:
    """An application that reads its body to the end, as Django does, and remembers what it saw."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.messages.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break


def ask(
    pieces: list[bytes], *, declared: int | None, kind: str = "http"
) -> tuple[Recorder, list[dict[str, Any]]]:
    inner, sent = Recorder(), []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    application = BodyLimit(inner, most=1000)
    async_to_sync(application)({"type": kind, "headers": headers}, receive, send)
    return inner, sent


@pytest.mark.parametrize("declared", [1000, None])
def test_what_is_allowed_comes_through_unchanged(declared: int | None) -> None:
    inner, sent = ask([b"x" * 600, b"y" * 400], declared=declared)
    assert b"".join(message["body"] for message in inner.messages) == b"x" * 600 + b"y" * 400
    assert not sent


def test_a_declared_length_beyond_the_limit_is_answered_at_once() -> None:
    inner, sent = ask([b"x"], declared=1001)
    assert not inner.messages
    assert [message.get("status") for message in sent] == [413, None]


def test_a_body_that_declares_nothing_is_cut_at_the_limit() -> None:
    inner, _sent = ask([b"x" * 600] * 10, declared=None)
    assert [message["type"] for message in inner.messages] == ["http.request", "http.disconnect"]


def test_other_kinds_of_connections_are_left_alone() -> None:
    inner, _sent = ask([b"x" * 5000], declared=5000, kind="lifespan")
    assert len(inner.messages) == 1
