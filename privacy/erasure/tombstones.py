"""The list of erased accounts that lies outside of the database: a restored backup is compared with it.

One small object in storage for each account, written before anything is erased and never changed. It holds a hash of
the account's random id and a time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

# Not one of the folders that are swept.
FOLDER: Final = "erased"
FORMAT: Final = "image2-erased/1"
_TOMBSTONE: Final = ".json"
_RECEIPT: Final = ".receipt.json"
_DIGITS: Final = 64


def hash_of(account: UUID) -> str:
    """Return what an account is called on the list. Without a key, since keys change and backups are older."""
    return hashlib.sha256(b"image2 account " + account.bytes).hexdigest()


def write(account_hash: str) -> None:
    """Put an account on the list; once more changes nothing. Raises storage's errors."""
    content = {"format": FORMAT, "account": account_hash, "at": timezone.now().isoformat()}
    _write(account_hash, _TOMBSTONE, as_bytes(content))


def write_receipt(account_hash: str, erasure: UUID, content: bytes) -> None:
    """Keep the operator's record of an erasure beside its line of the list. Raises storage's errors."""
    _write(account_hash, f".{erasure.hex}{_RECEIPT}", content)


def every() -> Iterator[str]:
    """Yield the hashes of the list. Raises storage's errors."""
    for name in default_storage.listdir(FOLDER)[1]:
        stem = name.removesuffix(_TOMBSTONE)
        if name.endswith(_TOMBSTONE) and is_hash(stem):
            yield stem


def is_hash(text: str) -> bool:
    """Whether this can be the hash of an account."""
    return len(text) == _DIGITS and set(text) <= set("0123456789abcdef")


def as_bytes(content: dict[str, Any]) -> bytes:
    """Return the one way in which a record is written, so that its hash can be computed again."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def missing_from(known: Iterable[str], found: Iterable[str]) -> set[str]:
    """Return those of the list that the database has never heard of: it came from a backup that is older."""
    return set(found) - set(known)


def _write(account_hash: str, ending: str, content: bytes) -> None:
    key = f"{FOLDER}/{account_hash}{ending}"
    if not default_storage.exists(key):
        default_storage.save(key, ContentFile(content, name=key))
