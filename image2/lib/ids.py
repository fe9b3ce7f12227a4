"""Identifiers that people see: UUIDv7, so that they sort by time and reveal nothing else."""

from __future__ import annotations

import secrets
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562), as the standard library's type."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def random_key(length: int = 16) -> str:
    """Return ``length`` random bytes as URL-safe text, for storage keys nobody can guess."""
    return secrets.token_urlsafe(length)
