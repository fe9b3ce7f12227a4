"""Welcome credits: once a person, however many addresses, accounts or spellings of one mailbox they have."""

from __future__ import annotations

import hashlib
import hmac

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes

from accounts.models import User
from billing import ledger
from billing.models import Grant

log = structlog.get_logger(__name__)

# These providers ignore dots and what follows a plus; "googlemail" is another name of the first.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def welcome(*, user: User, email: str) -> Grant | None:
    """Grant the welcome credits for a verified address; None when this person or this mailbox has had them."""
    if settings.WELCOME_CREDITS <= 0 or is_disposable(email):
        return None
    if Grant.objects.visible_to(user).filter(source=Grant.Source.WELCOME).exists():
        return None
    refs = _refs(email)
    if Grant.objects.filter(source_ref__in=refs).exists():
        log.info("welcome.mailbox_known", user=str(user.pk))
        return None
    try:
        with transaction.atomic():
            return ledger.grant(
                user=user, amount=settings.WELCOME_CREDITS, source=Grant.Source.WELCOME, source_ref=refs[0]
            )
    except (ledger.Conflict, IntegrityError):  # the same mailbox, or the same person, at this very moment
        return None


def is_disposable(email: str) -> bool:
    """Whether the address, or a parent of its domain, is on the list of throw-away mailboxes."""
    labels = email.rpartition("@")[2].lower().rstrip(".").split(".")
    return any(
        ".".join(labels[start:]) in settings.DISPOSABLE_EMAIL_DOMAINS for start in range(len(labels) - 1)
    )


def normalised(email: str) -> str:
    """Return the one spelling of a mailbox: lower case, without a plus tag, without dots where they mean nothing."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    domain = domain.rstrip(".")
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"


def _refs(email: str) -> list[str]:
    """Return how the mailbox is remembered, newest key first: keyed hashes, since they stay after an erasure."""
    keys = [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    address = normalised(email).encode()
    return [f"welcome:{hmac.new(key, b'welcome:' + address, hashlib.sha256).hexdigest()}" for key in keys]
