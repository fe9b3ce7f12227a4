"""The random words that stand in reply addresses: whoever has one may write to its ticket, and read nothing."""

from __future__ import annotations

import secrets
from typing import Final

# Mail servers may lower the letters of an address, and people may read it aloud.
ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH: Final = 26


def new_token() -> str:
    """Return 130 random bits."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
