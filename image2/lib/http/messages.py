"""Where a sentence for the next page is kept: in a cookie bound to this host, in the session when it is too long."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

# Django's name can't be configured, only inherited from.
COOKIE: Final = "__Host-messages" if settings.PRODUCTION else "messages"


class _Cookie(CookieStorage):
    cookie_name = COOKIE


class Storage(FallbackStorage):
    storage_classes = (_Cookie, SessionStorage)
