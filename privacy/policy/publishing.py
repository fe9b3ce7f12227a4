"""A new version of the policy: published ahead of the day it takes effect, with a notice to everybody by e-mail."""

from __future__ import annotations

from datetime import UTC, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from image2.lib import times
from privacy.models import PolicyNotice, PolicyVersion

log = structlog.get_logger(__name__)

# People get at least this long to read it and to object.
AHEAD = timedelta(days=14)
BATCH = 200


class TooSoon(Exception):
    """It would take effect before people had time to read it."""

    def __str__(self) -> str:
        return _(
            "It must take effect at least %(days)d days from now. Change the date and publish again."
        ) % {"days": AHEAD.days}


def publish(*, version: PolicyVersion) -> None:
    """Make the version public; ``send_notices`` notifies people. Publishing twice changes nothing."""
    now = timezone.now()
    if version.published_at is not None:
        return
    if version.effective_at < now + AHEAD:
        raise TooSoon
    PolicyVersion.objects.filter(pk=version.pk, published_at__isnull=True).update(published_at=now)


def send_notices(limit: int = BATCH) -> int:
    """Mail at most ``limit`` people with a verified address who weren't notified of a coming version; return how many.

    Called by the beat until it returns 0. The row is written before the mail: a person is notified at most once, and a
    mail that fails takes its row back, so that the next call tries again.
    """
    sent = 0
    for version in PolicyVersion.objects.coming():
        notified = PolicyNotice.objects.filter(version=version).values("user")
        active = User.objects.filter(is_active=True, date_joined__lt=version.effective_at)
        people = mail.reachable(active).exclude(pk__in=notified)
        for person in people.order_by("pk")[: limit - sent]:
            sent += _tell(person, version)
        if sent >= limit:
            break
    return sent


def _tell(person: User, version: PolicyVersion) -> bool:
    try:
        with transaction.atomic():
            notice = PolicyNotice.objects.create(user=person, version=version)
    except IntegrityError:  # another beat was faster
        return False
    subject = _("Our privacy policy changes on %(date)s")
    sent = mail.write_to(
        person,
        name="policy_notice",
        subject=subject % {"date": times.calendar_day(version.effective_at.astimezone(UTC))},
        context={"version": version},
    )
    if not sent:
        notice.delete()
    return sent
