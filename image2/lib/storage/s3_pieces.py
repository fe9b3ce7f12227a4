"""An object of S3 in pieces: a multipart upload, one piece in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from image2.lib.storage.errors import ObjectMissing

# S3 takes at most 10,000 pieces of at least 5 MiB.
PIECE: Final = 8 * 1024 * 1024
Errors = Callable[[str], AbstractContextManager[None]]


class S3Pieces:
    """One multipart upload. Every piece but the last has the same size, so their number says how much is there."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        name: str,
        upload_id: str,
        *,
        errors: Errors,
        tags: list[str],
        tail: bytes = b"",
    ) -> None:
        self._client, self._errors = client, errors
        self._where = {"Bucket": bucket, "Key": name, "UploadId": upload_id}
        self._name = name
        self._tags = tags
        self._buffer = bytearray(tail)
        self.written = len(tags) * PIECE + len(tail)

    def write(self, data: bytes) -> int:
        self._buffer += data
        self.written += len(data)
        while len(self._buffer) >= PIECE:
            self._send(bytes(self._buffer[:PIECE]))
            del self._buffer[:PIECE]
        return len(data)

    def pause(self) -> bytes:
        return bytes(self._buffer)

    def finish(self) -> None:
        if self._buffer or not self._tags:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(self._tags, 1)]
        with self._errors(self._name):
            self._client.complete_multipart_upload(**self._where, MultipartUpload={"Parts": parts})

    def close(self) -> None:
        """Nothing is open between two pieces."""

    def _send(self, piece: bytes) -> None:
        with self._errors(self._name):
            sent = self._client.upload_part(**self._where, PartNumber=len(self._tags) + 1, Body=piece)
        self._tags.append(sent["ETag"])


def begin(client: Any, bucket: str, name: str, options: Mapping[str, Any], *, errors: Errors) -> S3Pieces:
    """Start a multipart upload, with the options of any other object of this storage."""
    with errors(name):
        made = client.create_multipart_upload(Bucket=bucket, Key=name, **options)
    return S3Pieces(client, bucket, name, made["UploadId"], errors=errors, tags=[])


def resume(client: Any, bucket: str, name: str, *, written: int, tail: bytes, errors: Errors) -> S3Pieces:
    """Go on with the multipart upload of this name. Raises ObjectMissing when it or a piece of it is gone."""
    whole = (written - len(tail)) // PIECE
    for upload_id in _uploads(client, bucket, name, errors=errors):
        tags = _tags(client, {"Bucket": bucket, "Key": name, "UploadId": upload_id}, errors=errors)
        if len(tags) >= whole:
            return S3Pieces(client, bucket, name, upload_id, errors=errors, tags=tags[:whole], tail=tail)
    raise ObjectMissing(name)


def abandon(client: Any, bucket: str, name: str, *, errors: Errors) -> None:
    """Abort every multipart upload of this name; S3 keeps, and charges for, the pieces of one that isn't aborted."""
    for upload_id in _uploads(client, bucket, name, errors=errors):
        with errors(name):
            try:
                client.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload_id)
            except client.exceptions.NoSuchUpload:
                continue  # another process was first


def _uploads(client: Any, bucket: str, name: str, *, errors: Errors) -> list[str]:
    with errors(name):
        listed = client.list_multipart_uploads(Bucket=bucket, Prefix=name)
    return [upload["UploadId"] for upload in listed.get("Uploads", []) if upload["Key"] == name]


def _tags(client: Any, where: dict[str, str], *, errors: Errors) -> list[str]:
    with errors(where["Key"]):
        pages = client.get_paginator("list_parts").paginate(**where)
        return [part["ETag"] for page in pages for part in page.get("Parts", [])]
