"""Closing an account that its owner deletes, and reopening it by the link in the mail while there is time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people import closing
from privacy.erasure import tombstones
from privacy.models import Erasure

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

LANE: Final = "cpu"
_SALT: Final = "privacy.erasure.reopen"
_EXPIRES_SECONDS: Final = 60


class IsStaff(Exception):
    """Staff hand over their rights first: what they do is written down under their name."""

    def __str__(self) -> str:
        return _(
            "You are a member of staff. Ask another one to remove your staff rights first; then you can delete your"
            " account."
        )


class LinkUsed(Exception):
    """The link was used, is no longer valid, or is none of ours."""


def order(user: User, *, cause: str = Erasure.Cause.PERSON) -> Erasure:
    """Close the account now and have it erased after ERASURE_DAYS. Once more changes nothing.

    Raises IsStaff.
    """
    if user.is_staff and cause == Erasure.Cause.PERSON:
        raise IsStaff
    return _close(user, cause=cause, due_at=timezone.now() + timedelta(days=settings.ERASURE_DAYS))


def order_by_operator(user: User) -> Erasure:
    """Do the same for the operator."""
    return order(user, cause=Erasure.Cause.OPERATOR)


def order_again(user: User) -> Erasure:
    """Close and erase at once an account that was erased before and that a backup brought back."""
    erasure = _close(user, cause=Erasure.Cause.RESTORED, due_at=timezone.now())
    # It may have been closed already when the backup was made.
    rows = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.CLOSED)
    rows.update(cause=Erasure.Cause.RESTORED, due_at=timezone.now(), mailed_at=Now())
    erasure.refresh_from_db()
    return erasure


def withdraw(user: User) -> None:
    """Reopen the account for the operator. Raises closing.NotClosed."""
    erasure = Erasure.objects.owned_by(user).filter(state=Erasure.State.CLOSED).first()
    if erasure is None or not _reopen(erasure.pk):
        raise closing.NotClosed


def link(erasure: Erasure) -> str:
    """Return the path of the page that reopens the account. It works once, and until the account is erased."""
    return reverse("privacy:reopen", args=[signing.dumps(erasure.pk.hex, salt=_SALT)])


def of_link(token: str) -> Erasure:
    """Return the closed account's row that a link leads to. Raises LinkUsed."""
    try:
        pk = UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkUsed from None
    found = Erasure.objects.filter(pk=pk, state=Erasure.State.CLOSED, due_at__gt=timezone.now()).first()
    if found is None:
        raise LinkUsed
    return found


def reopen(token: str) -> None:
    """Reopen the account that a link leads to. Raises LinkUsed."""
    if not _reopen(of_link(token).pk):
        raise LinkUsed


def notify() -> None:
    """Tell the workers, once the transaction has committed, that something waits. Never raises; the sweep looks too."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task(
            "privacy.sweep_erasures", queue=LANE, expires=_EXPIRES_SECONDS, ignore_result=True, retry=False
        )
    except Exception:
        log.warning("erasure.notice_lost", exc_info=True)


def _close(user: User, *, cause: str, due_at: datetime) -> Erasure:
    live = Erasure.objects.owned_by(user).filter(state__in=Erasure.LIVE)
    try:
        with transaction.atomic():
            if (found := live.first()) is not None:
                return found
            was_active = closing.close(user)
            erasure = Erasure.objects.create(
                user=user,
                account_hash=tombstones.hash_of(user.pk),
                cause=cause,
                was_active=was_active,
                due_at=due_at,
            )
            notify()
    except IntegrityError:  # another tab was first
        return live.get()
    log.info("erasure.ordered", erasure=str(erasure.pk), cause=cause)
    return erasure


def _reopen(pk: UUID) -> bool:
    """The worker that begins to erase changes the same row: one of the two comes first."""
    with transaction.atomic():
        row = Erasure.objects.select_for_update().select_related(None).get(pk=pk)
        still = Erasure.objects.filter(pk=pk, state=Erasure.State.CLOSED)
        if row.user is None or not still.update(state=Erasure.State.REOPENED):
            return False
        closing.reopen(row.user, is_active=row.was_active)
    log.info("erasure.reopened", erasure=str(pk))
    return True
