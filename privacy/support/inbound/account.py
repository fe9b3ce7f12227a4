"""The mailbox of support as its address says it: imaps://user:password@host:993/INBOX."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


class BadAddress(ValueError):
    """The address of the mailbox can't be used; the text says why, without the password."""


@dataclass(frozen=True, slots=True)
class Account:
    host: str
    port: int
    user: str
    password: str
    folder: str
    is_encrypted: bool


def account(url: str) -> Account:
    """Return what the address says. Raises BadAddress."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("it can't be read; write imaps://user:password@host/INBOX") from None
    if parts.scheme not in ("imaps", "imap") or not parts.hostname:
        raise BadAddress("write imaps://user:password@host/INBOX")
    if not parts.username or not parts.password:
        raise BadAddress("user and password are missing; write @ and / in them as %40 and %2F")
    if parts.scheme == "imap" and not _is_this_machine(parts.hostname):
        raise BadAddress("without encryption (imap:) only this machine can be asked; use imaps:")
    return Account(
        host=parts.hostname,
        port=port or (993 if parts.scheme == "imaps" else 143),
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_encrypted=parts.scheme == "imaps",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
