"""How often somebody may write to support: people by account, visitors by network and by the address they type."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_in import client_ip, velocity
from image2.lib.http import rate_limits
from privacy.models import Ticket

_HOUR, _DAY = 3600, 24 * 3600
# Of one network of many people.
_NETWORK: Final = velocity.Limit(hour=20, day=60)


class TooMany(Exception):
    """Not now; the text says when. Nothing was stored."""


def check_new(request: HttpRequest, *, email: str) -> None:
    """Count a new ticket. Raises TooMany. Call it in the transaction that stores the ticket."""
    person = request.user
    if isinstance(person, User):
        if not rate_limits.allowed("support", str(person.pk), limit=5, seconds=_HOUR):
            raise TooMany(_five())
        return
    if not rate_limits.allowed("support", client_ip.of(request), limit=5, seconds=_HOUR):
        raise TooMany(_five())
    # So that nobody fills the queue in another one's name.
    check_address(email)
    try:
        velocity.count(action="support", network=velocity.network_of(request), limit=_NETWORK)
    except velocity.TooOften as refusal:
        sentence = _("Many messages came from your network. Send this one in %(wait)s.")
        raise TooMany(sentence % {"wait": refusal.wait}) from None


def check_address(email: str) -> None:
    """Count a new ticket by the address that a visitor says is theirs. Raises TooMany."""
    if not rate_limits.allowed("support-address", email.lower(), limit=5, seconds=_DAY):
        raise TooMany(_("Five messages came from this address today. Send this one tomorrow."))


def check_reply(ticket: Ticket) -> None:
    """Count a reply to this ticket, from the page or by mail. Raises TooMany."""
    if not rate_limits.allowed("support-reply", str(ticket.pk), limit=20, seconds=_HOUR):
        raise TooMany(_("You've sent 20 replies within an hour. Wait a while, then send this one."))


def _five() -> str:
    return _("You've sent five messages within an hour. Wait a while, then send this one.")
