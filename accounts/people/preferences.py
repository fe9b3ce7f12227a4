"""What a person prefers: ``of(user)`` to read, ``change(...)`` to write, ``offer(...)`` for apps that add choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import UUIDField
from django.http import HttpRequest

from accounts.models import Consent, Preferences, User
from accounts.sign_in import client_ip
from image2.lib import times
from image2.lib.compiled_queries import CompiledQuery, Parameter

Choices = Iterable[tuple[str, Any]]

# Changing one of these is a decision about personal data: when it was made is kept.
_CONSENTS = {"training_allowed": Consent.Kind.TRAINING, "usage_data": Consent.Kind.USAGE_DATA}
_OF_PERSON = CompiledQuery(lambda: Preferences.objects.filter(user=Parameter("person", UUIDField())))
_offers: dict[str, Callable[[], Choices]] = {}


def of(user: User | AnonymousUser) -> Preferences:
    """Return the person's row, made now if there is none; for nobody, the defaults (an unsaved row)."""
    if not user.is_authenticated:
        return Preferences()
    # A queryset that selected the row as well may have found none.
    if not User.preferences.is_cached(user) or User.preferences.related.get_cached_value(user) is None:
        row = _OF_PERSON.first(person=user.pk)
        user.preferences = row or Preferences.objects.get_or_create(user=user)[0]
    return user.preferences


def zone_of(user: User | AnonymousUser | None) -> tzinfo:
    """Return the time zone of this person's mails; UTC until they choose one, or where theirs is no longer kept."""
    name = of(user).time_zone if user is not None else ""
    try:
        return times.zone(name) if name else UTC
    except times.UnknownZone:
        return UTC


def change(*, user: User, request: HttpRequest, changes: Mapping[str, Any]) -> Preferences:
    """Set these fields; a switched consent also writes a line that says when and from where."""
    with transaction.atomic():
        row = locked(user)
        for name, value in changes.items():
            if name in _CONSENTS and getattr(row, name) != value:
                Consent.objects.create(
                    user=user, kind=_CONSENTS[name], granted=value, ip=client_ip.kept_of(request)
                )
            setattr(row, name, value)
        row.full_clean()
        row.save()
    user.preferences = row
    return row


def locked(user: User) -> Preferences:
    """Return the person's row as it is now, locked until the caller's transaction ends."""
    of(user)
    return Preferences.objects.select_for_update().get(user=user)


def offer(field: str, choices: Callable[[], Choices]) -> None:
    """Offer the choices of ``model``, ``shape``, ``size`` or ``count``: knowledge of an upper app, when it is ready."""
    _offers[field] = choices


def offered(field: str) -> list[tuple[str, Any]]:
    return list(_offers[field]()) if field in _offers else []
