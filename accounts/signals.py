"""Signals of allauth, each passed to one use case."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.sign_in import client_ip, known_browsers


@receiver(pre_save, sender=UserSession)
def keep_only_the_network(sender: Any, instance: UserSession, **_more: Any) -> None:
    """allauth stores the whole address with a session; we promised to keep a part of it."""
    if instance.ip:
        instance.ip = client_ip.truncated(instance.ip)


@receiver([password_changed, password_reset, password_set])
def remove_other_browsers(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    """A person who changes the password may fear that somebody had it, in a browser that is known by now."""
    known_browsers.remove_others(user=user, request=request)
