"""The cache that may be forgotten, on Redis: without its server everything is forgotten, and nothing fails.

A page or a job that asks it computes the answer again. Django's own backend raises, so that a broker that is away would
fail every page of people who are signed in, and every job at its next step.
"""

from __future__ import annotations

from typing import Any

import redis
import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)


class ForgetfulRedisCache(RedisCache):
    """Answers as an empty cache does while the server is away."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is remembered, or ``default``."""
        try:
            return super().get(key, default, version)
        except redis.RedisError:
            _say("get")
            return default

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Remember a value, if anybody is there to."""
        try:
            super().set(key, value, timeout, version)
        except redis.RedisError:
            _say("set")

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Remember a value unless there is one; True, as in an empty cache, when nobody can."""
        try:
            return bool(super().add(key, value, timeout, version))
        except redis.RedisError:
            _say("add")
            return True

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; False when there was none, or nobody to ask."""
        try:
            return bool(super().delete(key, version))
        except redis.RedisError:
            _say("delete")
            return False


def _say(what: str) -> None:
    log.warning("cache.away", what=what)
