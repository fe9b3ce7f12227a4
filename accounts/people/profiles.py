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


def set_avatar(user: User, version: str) -> None:
    """Say which version of their own picture pages show; none if it is empty. The row is locked from here on."""
    User.objects.filter(pk=user.pk).update(avatar=version)
    user.avatar = version
