"""Counters and locks that must survive a restart: the rows of ``image2.lib.lasting_cache``."""

from __future__ import annotations

from django.db import models


class LimitEntry(models.Model):
    """One counter, lock or used code. Written by the default cache only; the sweep deletes what has expired."""

    # A keyed hash of the cache's key: enough to find it again, nothing to read.
    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()
    # Seconds since 1970, as caches count; null never expires.
    expires_at = models.FloatField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.key[:8]
