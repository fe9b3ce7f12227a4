"""The addresses of a ticket: its page, the secret link that a visitor gets by mail, and where replies go."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from privacy.models import Ticket
from privacy.support.tokens import ALPHABET, LENGTH

PLACE: Final = "{token}"
_SALT: Final = "privacy.support.visitor"
_VALID: Final = timedelta(days=180)


def of(ticket: Ticket) -> str:
    """Return the full address of the ticket's page. A visitor's holds a secret, and goes to their address alone."""
    site: str = settings.SITE_URL
    if ticket.user_id is not None:
        return site + reverse("privacy:ticket", args=[ticket.pk])
    secret = signing.dumps(ticket.pk.hex, salt=_SALT)
    return site + reverse("privacy:ticket_by_mail", args=[secret])


def named_by(secret: str) -> Ticket | None:
    """Return the visitor's ticket that a secret link leads to; None for one that is too old or isn't ours."""
    try:
        pk = UUID(signing.loads(secret, salt=_SALT, max_age=_VALID))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Ticket.objects.filter(pk=pk, user=None).first()


def reply_address(ticket: Ticket) -> str:
    """Return where a reply by mail goes."""
    address: str = settings.SUPPORT_REPLY_ADDRESS
    return address.replace(PLACE, ticket.reply_token)


def tokens_in(text: str) -> list[str]:
    """Return the tokens of reply addresses within the lines of a mail that name its receivers."""
    _name, address = parseaddr(settings.SUPPORT_REPLY_ADDRESS.replace(PLACE, "0token0").lower())
    before, _token, after = address.partition("0token0")
    pattern = f"{re.escape(before)}([{ALPHABET}]{{{LENGTH}}}){re.escape(after)}(?![\\w.-])"
    return re.findall(pattern, text.lower()) if before or after else []


def thread(ticket: Ticket) -> str:
    """Return the name by which mail programs put the mails of one ticket together; it opens nothing."""
    return f"<ticket-{ticket.pk.hex}@{urlsplit(settings.SITE_URL).hostname}>"
