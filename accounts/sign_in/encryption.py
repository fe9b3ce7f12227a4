"""Secrets at rest (authenticator keys, recovery seeds) are encrypted with keys derived from the site's secret key."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"image2.accounts.sealing.v1"


def encrypt(text: str) -> str:
    """Return the text encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Return the text; ``cryptography.fernet.InvalidToken`` when no present or former key made it."""
    return _keys().decrypt(encrypted.encode()).decode()


def is_current(encrypted: str) -> bool:
    """Whether the present key made it, so that it needs none of the former ones."""
    try:
        Fernet(_derived(settings.SECRET_KEY)).decrypt(encrypted.encode())
    except InvalidToken:
        return False
    return True


def renew(encrypted: str) -> str:
    """Return the same encrypted with the present key; ``InvalidToken`` when no present or former key made it."""
    return _keys().rotate(encrypted.encode()).decode()


def _keys() -> MultiFernet:
    # The fallbacks open what was encrypted before SECRET_KEY was changed.
    return MultiFernet(
        [Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(key: str) -> bytes:
    raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(raw)
