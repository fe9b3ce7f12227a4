"""Rate limits for routes that anyone may call: so many times in a window, counted where nothing is evicted."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache


def allowed(action: str, caller: str, *, limit: int, seconds: int) -> bool:
    """Count this call of ``action`` by ``caller`` (an address, a user's id); False when it is one too many.

    Fixed windows: at worst twice the limit gets through around the edge of two windows.
    """
    window = int(time.time() // seconds)
    # Hashed: any text may be a caller, and a key has a length.
    name = hashlib.blake2b(f"{action}:{caller}".encode(), digest_size=12).hexdigest()
    return count(f"{name}:{window}", seconds=seconds) <= limit


def count(name: str, *, seconds: int) -> int:
    """Return how often this was called with ``name``, now included; ``seconds`` after the first call it starts again.

    Of calls at the same time each gets another number.
    """
    key = f"rate:{name}"
    while not cache.add(key, 1, seconds):
        try:
            return cache.incr(key)
        except ValueError:  # it expired between the two lines
            continue
    return 1
