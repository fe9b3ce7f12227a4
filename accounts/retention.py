"""Deletes what accounts has kept for as long as the policy says; the numbers are in accounts.settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import AuditLine, KnownBrowser, LimitEntry, NetworkCount, StaffAccess, UsageEvent, User

log = structlog.get_logger(__name__)

BATCH = 1000


def sweep() -> dict[str, int]:
    """Delete everything that is past its time, in batches; return how many rows of each kind went."""
    deleted = {name: _in_batches(overdue) for name, overdue in _OVERDUE.items()}
    if any(deleted.values()):
        log.info("retention.swept", **deleted)
    return deleted


def _usage_events() -> QuerySet[UsageEvent]:
    return UsageEvent.objects.filter(at__lt=_before(settings.USAGE_EVENT_DAYS))


def _audit_lines() -> QuerySet[AuditLine]:
    return AuditLine.objects.filter(at__lt=_before(settings.AUDIT_DAYS))


def _staff_accesses() -> QuerySet[StaffAccess]:
    """Kept as long as the audit log, from the access or the end of its legal hold, so that its owner can see it."""
    known = StaffAccess.objects.not_held().alias(since=Coalesce("lifted_at", "opened_at"))
    return known.filter(since__lt=_before(settings.AUDIT_DAYS))


def _admin_log() -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(action_time__lt=_before(settings.AUDIT_DAYS))


def _sessions() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=timezone.now())


def _session_rows() -> QuerySet[UserSession]:
    """What the device list kept about sessions that have ended."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    ended: QuerySet[UserSession] = UserSession.objects.filter(~Exists(alive))
    return ended


def _network_counts() -> QuerySet[NetworkCount]:
    """Windows that are over: nothing is limited by them any more."""
    return NetworkCount.objects.filter(ends_at__lt=timezone.now())


def _known_browsers() -> QuerySet[KnownBrowser]:
    return KnownBrowser.objects.filter(last_seen_at__lt=_before(settings.KNOWN_BROWSER_DAYS))


def _limit_entries() -> QuerySet[LimitEntry]:
    """Counters and used codes whose time is over."""
    return LimitEntry.objects.filter(expires_at__lt=timezone.now().timestamp())


def _unverified() -> QuerySet[User]:
    """Accounts whose address was never verified and that nobody ever logged in to."""
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    return User.objects.filter(
        ~Exists(verified),
        last_login__isnull=True,
        is_staff=False,
        closed_at__isnull=True,  # privacy erases it
        date_joined__lt=_before(settings.UNVERIFIED_ACCOUNT_DAYS),
    )


_OVERDUE: dict[str, Callable[[], QuerySet]] = {  # type: ignore[type-arg]  # rows of different tables
    "usage_events": _usage_events,
    "audit_lines": _audit_lines,
    "staff_accesses": _staff_accesses,
    "admin_log": _admin_log,
    "sessions": _sessions,
    "session_rows": _session_rows,
    "network_counts": _network_counts,
    "known_browsers": _known_browsers,
    "limit_entries": _limit_entries,
    "unverified_accounts": _unverified,
}


def _in_batches(overdue: Callable[[], QuerySet]) -> int:  # type: ignore[type-arg]  # as above
    total = 0
    while keys := list(overdue().values_list("pk", flat=True)[:BATCH]):
        overdue().filter(pk__in=keys).delete()
        total += len(keys)
    return total


def _before(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
