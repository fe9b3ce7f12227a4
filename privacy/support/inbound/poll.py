"""Reads the mailbox of support: one worker at a time, each mail by itself, and none leaves before it was dealt with."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Q
from django.db.models.functions import Now

from generation.fair_shares import OverShare
from generation.files.storing import StorageError
from generation.uploads.intake import Refused
from image2.lib import leases
from privacy.models import Mailbox
from privacy.support.inbound import taking
from privacy.support.inbound.account import account
from privacy.support.inbound.imap import Session, Unavailable
from privacy.support.inbound.letters import Unreadable

log = structlog.get_logger(__name__)

_LEASE_SECONDS: Final = 60
# Of one run; the next goes on.
_MOST: Final = 100
# What may be over in a minute: the mail waits where it is.
_NOT_NOW: Final = (StorageError, OverShare, Refused, DatabaseError)


def read() -> int:
    """Deal with what is in the mailbox; return how many mails left it. Without settings it does nothing."""
    if not settings.SUPPORT_IMAP_URL:
        return 0
    held = _claim()
    if held is None:
        return 0
    done = 0
    try:
        with (
            leases.LeaseKeeper(lambda: _renew(held), every=_LEASE_SECONDS / 4) as keeper,
            Session(account(settings.SUPPORT_IMAP_URL), aside=settings.SUPPORT_IMAP_LEFT) as session,
        ):
            for number in session.waiting(_MOST):
                if keeper.lost.is_set():
                    break
                done += _deal_with(session, number)
        Mailbox.objects.filter(pk=held.pk, fence=held.fence).update(read_at=Now())
    except Unavailable as error:
        log.warning("support.mailbox_unavailable", error=type(error.__cause__ or error).__name__)
    finally:
        Mailbox.objects.filter(pk=held.pk, fence=held.fence).update(lease_until=None, lease_owner="")
    return done


def _deal_with(session: Session, number: str) -> bool:
    """Take one mail or move it aside. The mailbox is told last: after a kill the mail is there again, and known."""
    size = session.size(number)
    if size is None:
        return False
    try:
        if size > settings.SUPPORT_MAIL_MAX_BYTES:
            taking.refuse_large(session.head(number), size)
            is_taken = False
        else:
            raw = session.whole(number)
            if not raw:
                return False
            is_taken = taking.take(raw)
    except _NOT_NOW:
        log.warning("support.mail_postponed", exc_info=True)
        return False
    except Unreadable as error:
        log.info("support.mail_unreadable", reason=str(error))
        is_taken = False
    if is_taken:
        session.remove(number)
    else:
        session.set_aside(number)
    return True


def _claim() -> Mailbox | None:
    """Take the mailbox, leased and with a new fence; None while somebody else reads it."""
    row = Mailbox.objects.get_or_create(name="support")[0]
    free = Mailbox.objects.filter(pk=row.pk).filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
    taken = free.update(
        fence=F("fence") + 1,
        lease_owner=f"{socket.gethostname()}:{os.getpid()}"[:120],
        lease_until=Now() + timedelta(seconds=_LEASE_SECONDS),
    )
    return Mailbox.objects.get(pk=row.pk) if taken else None


def _renew(held: Mailbox) -> bool:
    return leases.renew(Mailbox, held.pk, fence=held.fence, seconds=_LEASE_SECONDS)
