"""Sessions in the database as Django keeps them, read by a query that is compiled once: every page reads one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import db
from django.db.models import CharField, DateTimeField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare

from image2.lib.compiled_queries import CompiledQuery, Parameter

_OF_KEY = CompiledQuery(
    lambda: db.SessionStore.get_model_class().objects.filter(
        session_key=Parameter("key", CharField()), expire_date__gt=Parameter("now", DateTimeField())
    )
)


# Requests that were sent side by side with the old key are still answered; then it is gone.
_OLD_KEY: Final = timedelta(seconds=60)


# In the data of a session: the key that it had before.
_BEFORE: Final = "_key_before"


class SessionStore(db.SessionStore):
    """Django's, but for what happens when SECRET_KEY was replaced: at its next use a session then gets a new key.

    Whoever only looks at other sessions (allauth's list of devices does, at each log-in) must not take their keys away.
    """

    is_of_request = False
    # It has a successor already, or ends by itself within a minute: it is read and never written.
    is_ending = False

    def cycle_key(self) -> None:
        if not self.is_of_request or self.is_ending:
            return
        if SESSION_KEY not in self:
            super().cycle_key()
            return
        data, old = self._session, self.session_key  # type: ignore[attr-defined]  # the stubs lack it
        self.create()
        self._session_cache = data | {_BEFORE: old}
        self.save()  # at once: the same request may end it, as the one that closes an account does
        rows = self.get_model_class().objects.filter(session_key=old)
        rows.update(expire_date=timezone.now() + _OLD_KEY)

    async def acycle_key(self) -> None:
        await sync_to_async(self.cycle_key)()

    def delete(self, session_key: str | None = None) -> None:
        """With it goes the one that it replaced a moment ago: who logs out is logged out with every key they had."""
        key = session_key or self.session_key
        before = SessionStore(key).get(_BEFORE) if key else None
        super().delete(session_key)
        if before:
            SessionStore(before).delete()

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)

    def _get_session_from_db(self) -> Any:
        session = _OF_KEY.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None
        elif session.expire_date < timezone.now() + _OLD_KEY:
            self.is_ending = SESSION_KEY in self.decode(session.session_data)
        return session


def still_signs_in(session_key: str | None, user: AbstractBaseUser) -> bool:
    """Whether a session still signs this person in: for what lasts longer than the request that began it.

    False after a log-out, here or from the list of sessions, a new password, and when the account is closed.
    """
    person = get_user_model().objects.filter(pk=user.pk, is_active=True).first()
    session = SessionStore(session_key)
    if person is None or session.get(SESSION_KEY) != str(person.pk):
        return False
    hashes = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    return any(constant_time_compare(session.get(HASH_SESSION_KEY, ""), one) for one in hashes)


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's; it says which session is the request's own."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.is_of_request = True  # type: ignore[attr-defined]  # of the class above

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if getattr(request.session, "is_ending", False) and not request.session.is_empty():
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)
