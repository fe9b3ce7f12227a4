"""S3 through django-storages: private objects, bounded memory and time, our errors, links with fixed headers."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from image2.lib.storage import s3_pieces
from image2.lib.storage.errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageRefused,
    StorageUnavailable,
)

LINK_SECONDS = 300
_SLOW_DOWN = {
    "SlowDown",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "Throttling",
    "TooManyRequests",
    "OperationAborted",
}
_FULL = {"QuotaExceeded", "EntityTooLarge", "InsufficientStorage", "XMinioStorageFull"}
_MISSING = {"NoSuchKey", "NoSuchUpload", "404", "NotFound"}


class PrivateS3Storage(S3Storage):
    """One private bucket. Objects are read by links signed for a few minutes, never by a public address."""

    def __init__(
        self, *, addressing_style: str, encryption: str = "", encryption_key: str = "", **options: Any
    ) -> None:
        super().__init__(
            **options,
            object_parameters=_encryption(encryption, encryption_key),
            default_acl=None,
            querystring_auth=True,
            querystring_expire=LINK_SECONDS,
            # Names are random and never written twice; asking first whether one is taken would cost a request.
            file_overwrite=True,
            # What is read spills to the disk instead of filling the memory.
            max_memory_size=1024 * 1024,
            # One request that streams from the file: parts sent by threads hold each part in memory.
            transfer_config=TransferConfig(multipart_threshold=1024**3, use_threads=False),
            client_config=Config(
                s3={"addressing_style": addressing_style},
                signature_version="s3v4",
                max_pool_connections=32,
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
                # boto3's newer default checksums are refused by some S3 stores.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

        self._lock = threading.Lock()
        self._made_by = 0
        self._resource: Any = None

    @property
    def connection(self) -> Any:
        """One client for all threads of a process (boto3's clients are made for that).

        django-storages makes one a thread. The web process answers each request in a thread of its own: that was
        76 ms of processor and 8 MB for every thumbnail, against 0.4 ms.
        """
        with self._lock:
            if (
                self._made_by != os.getpid()
            ):  # a pool process that was forked: sockets are not shared with the parent
                self._made_by = os.getpid()
                self._resource = self._create_session().resource(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self.endpoint_url,
                    config=self.client_config,
                )
            return self._resource

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(self.bucket_name)

    def link(self, name: str, *, headers: dict[str, str], seconds: int = LINK_SECONDS) -> str:
        """Return a link to this object that works for a short time, for anybody who has it, with fixed headers."""
        known = {
            "Content-Type": "ResponseContentType",
            "Content-Disposition": "ResponseContentDisposition",
            "Cache-Control": "ResponseCacheControl",
        }
        parameters = {known[header]: value for header, value in headers.items()}
        with _our_errors(name):
            return str(self.url(name, parameters=parameters, expire=seconds))

    def _save(self, name: str, content: File[Any]) -> str:
        with _our_errors(name):
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        with _our_errors(name):
            try:
                found: File[Any] = super()._open(name, mode)
                if "r" in mode:
                    found.file  # noqa: B018  fetched here, so that a failure is ours to name
            except FileNotFoundError as error:
                raise ObjectMissing(name) from error
        return found

    def delete(self, name: str) -> None:
        with _our_errors(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _our_errors(name):
            return bool(super().exists(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _our_errors(name):
            folders, files = super().listdir(name)
        return list(folders), list(files)

    def begin(self, name: str) -> s3_pieces.S3Pieces:
        """Start an object that is written in pieces."""
        options = self.get_object_parameters(name)
        return s3_pieces.begin(self._client, self.bucket_name, name, options, errors=_our_errors)

    def resume(self, name: str, *, written: int, tail: bytes) -> s3_pieces.S3Pieces:
        """Go on with an object that isn't finished."""
        client = self._client
        return s3_pieces.resume(
            client, self.bucket_name, name, written=written, tail=tail, errors=_our_errors
        )

    def abandon(self, name: str) -> None:
        """Remove the pieces of an object that isn't finished."""
        s3_pieces.abandon(self._client, self.bucket_name, name, errors=_our_errors)

    def free_bytes(self) -> int | None:
        """S3 doesn't say, and has no end."""
        return None

    @property
    def _client(self) -> Any:
        return self.connection.meta.client


def _encryption(method: str, key: str) -> dict[str, str]:
    """Return what each write asks of the store, so that objects are encrypted whatever the bucket's default is."""
    if not method:
        return {}
    return {"ServerSideEncryption": method} | ({"SSEKMSKeyId": key} if key else {})


@contextlib.contextmanager
def _our_errors(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _translated(error)(f"{name}: {error}") from error
    except (NoCredentialsError, PartialCredentialsError, ParamValidationError) as error:
        raise StorageRefused(f"{name}: {error}") from error
    except (BotoCoreError, HTTPClientError, OSError) as error:
        raise StorageUnavailable(f"{name}: {error}") from error


def _translated(error: ClientError) -> type[StorageError]:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _MISSING:
        return ObjectMissing
    if code in _FULL or status in (413, 507):
        return StorageFull
    if code in _SLOW_DOWN or status in (408, 429) or status >= 500:
        return StorageUnavailable
    return StorageRefused
