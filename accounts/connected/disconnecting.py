"""Disconnect an account elsewhere, also of a provider that the operator has taken off the site since."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest

from accounts.connected import providers, ways_in
from accounts.models import User


class LastWayIn(Exception):
    """Only mailed codes would be left to log in with."""


def disconnect(*, user: User, request: HttpRequest, row: SocialAccount) -> None:
    """Delete the connection and write to its owner. Raises LastWayIn, or asks who it is."""
    raise_if_reauthentication_required(request, app="allauth.socialaccount")
    if ways_in.is_last(user, row):
        raise LastWayIn
    name = providers.named(row.provider).name
    row.delete()
    get_adapter(request).send_notification_mail(
        "socialaccount/email/account_disconnected", user, {"provider": name}
    )
