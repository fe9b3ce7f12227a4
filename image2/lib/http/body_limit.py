"""Refuses requests whose body is far larger than anything the site takes, before a byte of it is kept.

Django writes a whole body to the disk before any view or upload handler sees it, also of somebody who is not
signed in. What is a little too large still comes through, so that a person gets a sentence on the page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

# As Django types them: what travels are mappings with a "type".
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_ANSWER: Final = b"This is larger than anything that can be sent here. Nothing was kept.\n"


class BodyLimit:
    """An ASGI application around another one; `most` is in bytes."""

    def __init__(self, application: Application, *, most: int) -> None:
        self._application, self._most = application, most

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._most:
            await _refuse(send)
            return
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._most:
                    # A body without a declared length: the request ends as if the other side had left.
                    return {"type": "http.disconnect"}
            return message

        await self._application(scope, receive_some, send)


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_ANSWER)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _ANSWER, "more_body": False})
