"""The cache that may be forgotten, on Redis: without its server everything is forgotten, and nothing fails.

A page or a job that asks it computes the answer again. Django's own backend raises, so that a broker that is away would
fail every page of people who are signed in, and every job at its next step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, ClassVar, Final

import redis
import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)

# For so long a process asks nobody after a failure: a server whose packets are lost would make every page wait for each
# question, and say so each time.
REST_SECONDS: Final = 5.0


class ForgetfulRedisCache(RedisCache):
    """Answers as an empty cache does while the server is away, and for REST_SECONDS after it didn't answer."""

    rests_until: ClassVar[float] = 0.0  # of the process: each thread has its own object

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is remembered, or ``default``."""
        return self._asked(partial(super().get, key, default, version), default)

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Remember a value, if anybody is there to."""
        self._asked(partial(super().set, key, value, timeout, version), None)

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Remember a value unless there is one; True, as in an empty cache, when nobody can."""
        return bool(self._asked(partial(super().add, key, value, timeout, version), True))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; False when there was none, or nobody to ask."""
        return bool(self._asked(partial(super().delete, key, version), False))

    @classmethod
    def _asked(cls, ask: Callable[[], Any], otherwise: Any) -> Any:
        if monotonic() < cls.rests_until:
            return otherwise
        try:
            return ask()
        except redis.RedisError:
            cls.rests_until = monotonic() + REST_SECONDS
            log.warning("cache.away", asked_again_in=REST_SECONDS)
            return otherwise
