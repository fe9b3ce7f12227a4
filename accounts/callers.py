"""The request of somebody who is signed in: what a view gets that is declared for a person."""

from __future__ import annotations

from accounts.models import User
from image2.lib.http.htmx import HtmxRequest


class PersonRequest(HtmxRequest):
    """For the types only: ``DeclaredCallerMiddleware`` lets nobody else through ``@allow(Caller.PERSON)``."""

    user: User
