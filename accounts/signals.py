"""Signals of allauth and Django, each passed to one use case; and what they tell, as lines of the processes' log.

The lines name people by their random id. A failed log-in names nobody: looking up whose address was typed would take
time that tells whether there is an account.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import (
    authentication_step_completed,
    email_changed,
    email_verification_code_rejected,
    login_code_rejected,
    password_changed,
    password_reset,
    password_reset_code_rejected,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import pre_save
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.sign_in import client_ip, known_browsers

log = structlog.get_logger(__name__)

_EVENTS: dict[str, Signal] = {
    "sign_in.code_rejected": login_code_rejected,
    "address.code_rejected": email_verification_code_rejected,
    "address.changed": email_changed,
    "password.changed": password_changed,
    "password.set": password_set,
    "password.reset": password_reset,
    "password.code_rejected": password_reset_code_rejected,
    "second_factor.added": authenticator_added,
    "second_factor.removed": authenticator_removed,
    "second_factor.reset": authenticator_reset,
    "sign_out.done": user_logged_out,
}


@receiver(pre_save, sender=UserSession)
def keep_only_the_network(sender: Any, instance: UserSession, **_more: Any) -> None:
    """allauth stores the whole address with a session; we promised to keep a part of it."""
    if instance.ip:
        instance.ip = client_ip.truncated(instance.ip)


@receiver([password_changed, password_reset, password_set])
def remove_other_browsers(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    """A person who changes the password may fear that somebody had it, in a browser that is known by now."""
    known_browsers.remove_others(user=user, request=request)


@receiver(authentication_step_completed)
def renew_session(sender: Any, request: HttpRequest, reauthenticated: bool = False, **_more: Any) -> None:
    """Who confirms again who they are goes on with a new token: one that was stolen before isn't worth more now."""
    if not reauthenticated:
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


@receiver(user_logged_in)
def log_sign_in(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    records = get_authentication_records(request, user)
    log.info("sign_in.done", person=str(user.pk), methods=sorted({record["method"] for record in records}))


@receiver(user_login_failed)
def log_failed_sign_in(sender: Any, **_more: Any) -> None:
    log.warning("sign_in.failed", methods=["password"])


def _connect(event: str, signal: Signal) -> None:
    def log_it(sender: Any, user: User | None = None, authenticator: Any = None, **_more: Any) -> None:
        more = {"kind": str(authenticator.type)} if authenticator is not None else {}
        log.info(event, person=str(user.pk) if user is not None else "", **more)

    signal.connect(log_it, weak=False, dispatch_uid=f"accounts.{event}")


for _event, _signal in _EVENTS.items():
    _connect(_event, _signal)
