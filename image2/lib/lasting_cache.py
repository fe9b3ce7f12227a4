"""A Django cache that evicts nothing before it expires: one row per key, each change one atomic statement.

Rate limits, attempt counters and the marks of used codes live here. A cache that evicts entries when it is full
gives an attacker the counter back.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, transaction


class LastingCache(BaseCache):
    """Keeps entries in a table of three columns (``key``, ``value``, ``expires_at``), which LOCATION names.

    Values are JSON. Keys are stored as keyed hashes, since a key may hold an address or a code. Expired rows count as
    absent and are deleted by the sweep. On PostgreSQL and on SQLite every write waits for the one before it.
    """

    forgets = False

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._table = table

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            found = self._select(cursor, self._stored(key, version))
        return default if found is None else json.loads(found)

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._upsert(key, value, timeout, version, only_expired=False)

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store the value unless there is one; of many who call at once exactly one gets True."""
        return self._upsert(key, value, timeout, version, only_expired=True)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number and return the sum; callers at the same time get different sums."""
        stored = self._stored(key, version)
        # In one transaction: the update holds the row until the sum is read.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                self._sql(
                    "UPDATE {table} SET {value} = CAST(CAST({value} AS integer) + %s AS text)"
                    " WHERE {key} = %s AND ({expires_at} IS NULL OR {expires_at} > %s)"
                ),
                [delta, stored, time.time()],
            )
            found = self._select(cursor, stored)
        if found is None:
            raise ValueError(f"Key {key!r} not found")
        return int(found)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                self._sql(
                    "UPDATE {table} SET {expires_at} = %s"
                    " WHERE {key} = %s AND ({expires_at} IS NULL OR {expires_at} > %s)"
                ),
                [self.get_backend_timeout(timeout), self._stored(key, version), time.time()],
            )
            return bool(cursor.rowcount)

    def delete(self, key: str, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(self._sql("DELETE FROM {table} WHERE {key} = %s"), [self._stored(key, version)])
            return bool(cursor.rowcount)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self._sql("DELETE FROM {table}"))

    def _upsert(
        self, key: str, value: Any, timeout: float | None, version: int | None, *, only_expired: bool
    ) -> bool:
        sql = (
            "INSERT INTO {table} ({key}, {value}, {expires_at}) VALUES (%s, %s, %s)"
            " ON CONFLICT ({key}) DO UPDATE SET {value} = EXCLUDED.{value}, {expires_at} = EXCLUDED.{expires_at}"
        )
        values = [self._stored(key, version), json.dumps(value), self.get_backend_timeout(timeout)]
        if only_expired:
            sql += " WHERE {table}.{expires_at} <= %s"
            values.append(time.time())
        with connection.cursor() as cursor:
            cursor.execute(self._sql(sql), values)
            return bool(cursor.rowcount)

    def _select(self, cursor: Any, stored: str) -> str | None:
        cursor.execute(
            self._sql(
                "SELECT {value} FROM {table} WHERE {key} = %s AND ({expires_at} IS NULL OR {expires_at} > %s)"
            ),
            [stored, time.time()],
        )
        row = cursor.fetchone()
        return None if row is None else str(row[0])

    def _stored(self, key: str, version: int | None) -> str:
        text = self.make_and_validate_key(key, version=version)
        secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
        return hashlib.blake2b(text.encode(), key=secret, digest_size=32).hexdigest()

    def _sql(self, text: str) -> str:
        names = {name: connection.ops.quote_name(name) for name in ("key", "value", "expires_at")}
        return text.format(table=connection.ops.quote_name(self._table), **names)
