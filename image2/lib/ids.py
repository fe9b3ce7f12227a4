"""Identifiers that people see: UUIDv7, so that they sort by time and reveal nothing else."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562), as the standard library's type."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def first_id(moment: datetime) -> UUID:
    """Return the smallest UUIDv7 of a moment: the ids that ``new_id`` makes from then on are greater."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


def random_key(length: int = 16) -> str:
    """Return ``length`` random bytes as URL-safe text, for storage keys nobody can guess."""
    return secrets.token_urlsafe(length)
