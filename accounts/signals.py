"""What allauth tells us, passed on to one use case each."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver

from accounts import client_ip


@receiver(pre_save, sender=UserSession)
def keep_only_the_network(sender: Any, instance: UserSession, **_more: Any) -> None:
    """allauth stores the whole address with a session; we promised to keep a part of it."""
    if instance.ip:
        instance.ip = client_ip.truncated(instance.ip)
