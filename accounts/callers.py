"""The request of somebody who is signed in: what a view gets that is declared for a person."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """For the types only: ``DeclaredCallerMiddleware`` lets nobody else through ``@allow(Caller.PERSON)``."""

    user: User
