"""Publish and subscribe over Redis, where one is configured; the embedded default polls its tables instead."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

PREFIX = "image2:"


def configured() -> bool:
    """Whether events travel by Redis."""
    return bool(settings.REDIS_URL)


def publish(channel: str, event: dict[str, Any]) -> None:
    """Publish ``event`` to current subscribers. Never raises: without Redis, only the event is lost."""
    try:
        client().publish(PREFIX + channel, json.dumps(event))
    except redis.RedisError:
        log.warning("pubsub.unpublished", channel=channel, exc_info=True)


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
