"""Sessions in the database as Django keeps them, read by a query that is compiled once: every page reads one."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from image2.lib.compiled_queries import CompiledQuery, Parameter

_OF_KEY = CompiledQuery(
    lambda: db.SessionStore.get_model_class().objects.filter(
        session_key=Parameter("key", CharField()), expire_date__gt=Parameter("now", DateTimeField())
    )
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        session = _OF_KEY.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None
        return session
