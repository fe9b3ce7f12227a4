"""How storage can fail, the same for every storage; ``transient`` says whether a retry may help."""

from __future__ import annotations


class StorageError(Exception):
    """Bytes couldn't be stored, read or deleted."""

    transient = False


class StorageUnavailable(StorageError):
    """Storage doesn't answer, answers with an error of its own, or asks us to slow down."""

    transient = True


class StorageFull(StorageError):
    """Storage is full. The operator has to free space, so a retry now would fail as well."""


class StorageRefused(StorageError):
    """Storage refuses us: wrong credentials, a missing bucket, a folder that may not be written."""


class ObjectMissing(StorageError):
    """There is no object with this name."""


__all__ = ["ObjectMissing", "StorageError", "StorageFull", "StorageRefused", "StorageUnavailable"]
