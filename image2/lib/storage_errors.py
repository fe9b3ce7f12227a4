"""How storage can fail, in our words, whichever storage it is; ``transient`` says whether trying again may help."""

from __future__ import annotations


class StorageError(Exception):
    """Bytes could not be kept, read or deleted."""

    transient = False


class StorageUnavailable(StorageError):
    """It does not answer, answers with an error of its own, or asks us to slow down."""

    transient = True


class StorageFull(StorageError):
    """No room is left. The operator has to make some, so another attempt now would fail as well."""


class StorageRefused(StorageError):
    """It answers, and it refuses us: wrong credentials, a missing bucket, a folder that may not be written."""


class ObjectMissing(StorageError):
    """There is no object of this name."""


__all__ = ["ObjectMissing", "StorageError", "StorageFull", "StorageRefused", "StorageUnavailable"]
