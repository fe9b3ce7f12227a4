"""A limit for routes that anybody may call: so many times in a window, counted in the cache."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache


def allowed(action: str, caller: str, *, limit: int, seconds: int) -> bool:
    """Count this call of ``action`` by ``caller`` (an address, a user's id); False when it is one too many.

    Fixed windows: at worst twice the limit gets through around the edge of two windows.
    """
    window = int(time.time() // seconds)
    # Hashed: a caller may be an address, and a cache on disk must not keep one.
    name = hashlib.blake2b(f"{action}:{caller}".encode(), digest_size=12).hexdigest()
    key = f"rate:{name}:{window}"
    if cache.add(key, 1, seconds):
        return limit >= 1
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it expired between the two lines: a new window
        return True
