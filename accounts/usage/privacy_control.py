"""Global Privacy Control: honoured for the browser that sends it, and remembered for the account of who uses it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Consent, User
from accounts.people import preferences
from accounts.sign_in import client_ip


def sends_privacy_control(request: HttpRequest) -> bool:
    return request.headers.get("Sec-GPC") == "1"


def remember(*, user: User | AnonymousUser, request: HttpRequest) -> bool:
    """Switch usage data off for the account whose browser sends the signal; return whether it was switched now.

    Only where the person never used the switch: what they chose by hand says more about the account than a browser
    does. The browser itself is never recorded either way.
    """
    if not isinstance(user, User) or not sends_privacy_control(request):
        return False
    # Most calls end here, without a lock.
    if not preferences.of(user).usage_data or _has_chosen(user):
        return False
    with transaction.atomic():
        row = preferences.locked(user)
        if not row.usage_data or _has_chosen(user):
            return False
        row.usage_data = False
        row.save(update_fields=["usage_data", "updated_at"])
        Consent.objects.create(
            user=user, kind=Consent.Kind.USAGE_SIGNAL, granted=False, ip=client_ip.kept_of(request)
        )
    user.preferences = row
    return True


def switched_off(user: User) -> bool:
    """Whether it was the signal that switched usage data off, and nobody used the switch since."""
    return (
        not preferences.of(user).usage_data
        and not _has_chosen(user)
        and Consent.objects.filter(user=user, kind=Consent.Kind.USAGE_SIGNAL).exists()
    )


def _has_chosen(user: User) -> bool:
    return Consent.objects.filter(user=user, kind=Consent.Kind.USAGE_DATA).exists()
