"""Serve an object's bytes in pieces, without the whole file in memory and without blocking the event loop."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import IO, Any, Final

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(ValueError):
    """The requested range lies beyond the end."""


def stream(request: HttpRequest, key: str, *, size: int, headers: dict[str, str]) -> HttpResponseBase:
    """Return a response with an object of storage, whole or the one requested range (RFC 9110, 14).

    Small objects are sent at once; larger ones are read by threads while the event loop serves other requests.
    Raises ObjectMissing and the other errors of storage.
    """
    headers = {**headers, "Accept-Ranges": "bytes"}
    try:
        wanted = _range(request, size, headers.get("ETag", ""))
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = wanted or (0, size - 1)
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    length = last - first + 1
    headers["Content-Length"] = str(length)
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    file = default_storage.open(key, "rb")
    if length <= CHUNK:
        with file:
            file.seek(first)
            return HttpResponse(file.read(length), status=status, headers=headers)
    pieces = _AsyncPieces if isinstance(request, ASGIRequest) else _Pieces
    return StreamingHttpResponse(pieces(file, first, length), status=status, headers=headers)


def _range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Return first and last byte; None for the whole file, also for several ranges, which a server may ignore."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or request.headers.get("If-Range", etag) != etag or request.method not in {"GET", "HEAD"}:
        return None
    start, end = match.groups()
    if not start and not end:
        return None
    first = int(start) if start else max(0, size - int(end))
    last = min(size - 1, int(end)) if start and end else size - 1
    if start and end and int(end) < first:
        return None  # not a range at all
    if first >= size or (not start and not int(end)):
        raise RangeNotSatisfiable
    return first, last


class _Pieces:
    """For WSGI. Django calls `close` when the response was sent or the client has left."""

    def __init__(self, file: IO[Any], first: int, length: int) -> None:
        self._file, self._left = file, length
        self._file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read():
            yield piece

    def read(self) -> bytes:
        piece: bytes = self._file.read(min(CHUNK, self._left)) if self._left else b""
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


class _AsyncPieces:
    """For ASGI: given a synchronous iterator, Django would read the whole file into a list first."""

    def __init__(self, file: IO[Any], first: int, length: int) -> None:
        self._pieces = _Pieces(file, first, length)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._pieces.read, thread_sensitive=False)
        while piece := await read():
            yield piece

    def close(self) -> None:
        self._pieces.close()
