"""Retention by plan: owners are notified by mail, have time to keep pictures, and then these move to the trash.

Where no plan limits retention (the shipped ones don't) nothing here does anything. Favourites are always kept, and
pictures can be restored from the trash for thirty days; restored ones are announced again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from accounts.people import preferences
from billing.plans import current, definitions
from billing.plans.definitions import Plan
from generation.models import Picture, PictureEnd
from generation.models.pictures import PictureQuerySet
from image2.lib import times

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

log = structlog.get_logger(__name__)

# Between the mail and the trash; and between two mails, since pictures reach the limit every day.
NOTICE: Final = timedelta(days=14)
QUIET: Final = timedelta(days=7)
PEOPLE: Final = 200
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """How many pictures of a person were announced, and when the first of them moves to the trash."""

    count: int
    first: datetime


def run(now: datetime) -> None:
    """Called by the beat; each part may be killed anywhere and continues in the next call."""
    announce(now)
    end(now)


def ending(user: User | AnonymousUser) -> Ending | None:
    """Return what was announced to this person and is still true, for the history page; None when nothing is."""
    if not isinstance(user, User) or not _some_plan_ends():
        return None
    if current.plan_of(user).retention_days is None:
        return None
    ends = PictureEnd.objects.filter(picture__in=_at_risk(user))
    found = ends.aggregate(count=Count("pk"), first=Min("ends_at"))
    return Ending(found["count"], found["first"]) if found["count"] else None


def announce(now: datetime) -> int:
    """Notify people which of their pictures will be deleted; return how many people.

    The mail is sent before the rows are written: if this is killed in between, somebody gets two mails, never none.
    """
    notified = 0
    for person, plan in _people(now):
        notified += _notify(person, plan, now)
        if notified >= PEOPLE:
            break
    return notified


def end(now: datetime) -> int:
    """Move announced pictures that are due to the trash; return how many. Pictures that are kept by now stay."""
    ended = 0
    due = PictureEnd.objects.filter(ends_at__lte=now).order_by("ends_at", "pk")
    while owners := list(dict.fromkeys(due.values_list("picture__owner", flat=True)[:BATCH])):
        for person in User.objects.filter(pk__in=owners):
            ended += _end_of(person, now)
    if ended:
        log.info("pictures.ended", count=ended)
    return ended


def _people(now: datetime) -> Iterator[tuple[User, Plan]]:
    """Yield people with pictures to announce who weren't notified within QUIET."""
    days = [plan.retention_days for plan in definitions.plans() if plan.retention_days is not None]
    if not days:
        return
    oldest = Picture.objects.filter(
        deleted_at=None, favourite_at=None, end=None, created_at__lte=now + NOTICE - timedelta(days=min(days))
    )
    # People without a verified address can't be notified, so they keep their pictures.
    people = mail.reachable(User.objects.filter(is_active=True, pk__in=oldest.values("owner")))
    for person in people.order_by("pk").iterator(chunk_size=BATCH):
        plan = current.plan_of(person)
        last = PictureEnd.objects.filter(picture__owner=person).aggregate(last=Max("notified_at"))["last"]
        if plan.retention_days is not None and (last is None or last <= now - QUIET):
            yield person, plan


def _notify(person: User, plan: Plan, now: datetime) -> bool:
    assert plan.retention_days is not None
    kept = timedelta(days=plan.retention_days)
    coming = _at_risk(person).filter(end=None, created_at__lte=now + NOTICE - kept)
    born: dict[UUID, datetime] = dict(coming.values_list("pk", "created_at"))
    if not born:
        return False
    ends = {pk: max(created_at + kept, now + NOTICE) for pk, created_at in born.items()}
    if not _mail(person, plan, Ending(len(ends), min(ends.values()))):
        return False
    PictureEnd.objects.bulk_create(
        [PictureEnd(picture_id=pk, notified_at=now, ends_at=when) for pk, when in ends.items()],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    return True


def _mail(person: User, plan: Plan, ending: Ending) -> bool:
    subject = _("Some of your pictures will be removed from your history on %(date)s")
    return mail.write_to(
        person,
        name="pictures_end",
        subject=subject % {"date": times.day(ending.first, preferences.zone_of(person))},
        context={"plan": plan, "ending": ending, "trash_days": settings.TRASH_DAYS},
    )


@transaction.atomic
def _end_of(person: User, now: datetime) -> int:
    """End one person's due announcements: pictures beyond their current plan move to the trash, others stay."""
    due = list(
        PictureEnd.objects.filter(picture__owner=person, ends_at__lte=now).values_list("pk", flat=True)[
            :BATCH
        ]
    )
    days = current.plan_of(person).retention_days
    ended = 0
    if days is not None:
        over = _at_risk(person).filter(pk__in=due, created_at__lte=now - timedelta(days=days))
        ended = over.update(deleted_at=now)
    PictureEnd.objects.filter(pk__in=due).delete()
    return ended


def _at_risk(person: User) -> PictureQuerySet:
    return Picture.objects.visible_to(person).filter(favourite_at=None)


def _some_plan_ends() -> bool:
    return any(plan.retention_days is not None for plan in definitions.plans())
