"""Mailboxes: which addresses are the same, which are disposable, and a hash to remember one without storing it."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.encoding import force_bytes


@dataclass(frozen=True, slots=True)
class _Provider:
    """One provider's name under its several domains, and the marks in a name that it does not look at."""

    domain: str
    ignored: str = ""


# As these providers themselves document: names of one mailbox, and what they read past.
_GMAIL = _Provider("gmail.com", ".")
_PROTON = _Provider("proton.me", ".-_")
_ICLOUD = _Provider("icloud.com")
_YANDEX = _Provider("yandex.com", ".-")
_PROVIDERS: Mapping[str, _Provider] = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GMAIL),
    **dict.fromkeys(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), _PROTON),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _ICLOUD),
    **dict.fromkeys(("yandex.com", "yandex.ru", "ya.ru", "yandex.by", "yandex.kz"), _YANDEX),
}


def normalised(email: str) -> str:
    """Return the one spelling of a mailbox: lower case, without a plus tag, without marks that mean nothing."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    local = local.partition("+")[0]
    domain = _ascii(domain.rstrip("."))
    if provider := _PROVIDERS.get(domain):
        local = local.translate(dict.fromkeys(map(ord, provider.ignored)))
        domain = provider.domain
    return f"{local}@{domain}"


def is_disposable(email: str) -> bool:
    """Whether the address, or a parent of its domain, is on the list of throw-away mailboxes."""
    labels = normalised(email).rpartition("@")[2].split(".")
    return any(
        ".".join(labels[start:]) in settings.DISPOSABLE_EMAIL_DOMAINS for start in range(len(labels) - 1)
    )


def fingerprints(email: str) -> list[str]:
    """Return how the mailbox is remembered, newest key first: keyed hashes, since they stay after an erasure."""
    keys = [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    address = normalised(email).encode()
    return [hmac.new(key, b"welcome:" + address, hashlib.sha256).hexdigest() for key in keys]


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:  # no domain of the network; compared as it is written
        return domain
