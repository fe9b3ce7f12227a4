"""Restriction of processing (GDPR, article 18): a state of the account that the person sets and lifts.

Who asks before they process: usage (`accounts.usage.recording`), the operator's totals (`accounts.usage.totals`), the
flag of a new picture and the data set for training (`generation`), and every mail (`accounts.mail`).
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Consent, User
from accounts.people import preferences
from accounts.sign_in import client_ip


def applies_to(user: User | AnonymousUser) -> bool:
    return preferences.of(user).restricted_at is not None


def begin(*, user: User, request: HttpRequest) -> bool:
    """Restrict the account from now on; False where it is already."""
    return _switch(user, request, restricted=True)


def lift(*, user: User, request: HttpRequest) -> bool:
    """End the restriction; the switches for usage and training are again as they were. False where there is none."""
    return _switch(user, request, restricted=False)


def _switch(user: User, request: HttpRequest, *, restricted: bool) -> bool:
    with transaction.atomic():
        # Under the lock of a picture that is being published: it either sees this, or is seen by the data set later.
        row = preferences.locked(user)
        if (row.restricted_at is not None) == restricted:
            return False
        row.restricted_at = timezone.now() if restricted else None
        row.save(update_fields=["restricted_at", "updated_at"])
        Consent.objects.create(
            user=user, kind=Consent.Kind.PROCESSING, granted=not restricted, ip=client_ip.kept_of(request)
        )
    user.preferences = row
    return True
