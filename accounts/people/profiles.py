"""What a person changes about themselves."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.people import preferences


@transaction.atomic
def change(*, user: User, request: HttpRequest, name: str, time_zone: str) -> None:
    """Set the (already cleaned) name, and the time zone of mails."""
    user.name = name
    user.save(update_fields=["name"])
    preferences.change(user=user, request=request, changes={"time_zone": time_zone})
