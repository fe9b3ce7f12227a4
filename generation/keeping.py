"""How long a plan keeps pictures: their owner is told by mail, has time to keep them, and then they go to the trash.

Where no plan names an end (the shipped ones do not) nothing here does anything. Favourites are kept in any case, and
what lies in the trash can be restored from there for its thirty days; restored pictures are announced anew.
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

from accounts.models import User
from billing import plans, standing
from billing.plans import Plan
from generation.models import Picture, PictureEnd
from generation.models.pictures import PictureQuerySet
from image2.lib.letters import send_letter

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

log = structlog.get_logger(__name__)

# Between the mail and the trash; and between one mail and the next, since pictures come of age every day.
NOTICE: Final = timedelta(days=14)
QUIET: Final = timedelta(days=7)
PEOPLE: Final = 200
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """How many pictures of a person were announced, and when the first of them leaves."""

    count: int
    first: datetime


def turn(now: datetime) -> None:
    """One turn of the beat; each part may be killed anywhere and carries on in the next."""
    announce(now)
    end(now)


def ending(user: User | AnonymousUser) -> Ending | None:
    """Return what was announced to this person and still holds, for the history page; None when nothing is."""
    if not isinstance(user, User) or not _some_plan_ends():
        return None
    if standing.plan_of(user).retention_days is None:
        return None
    told = PictureEnd.objects.filter(picture__in=_at_risk(user))
    found = told.aggregate(count=Count("pk"), first=Min("ends_at"))
    return Ending(found["count"], found["first"]) if found["count"] else None


def announce(now: datetime) -> int:
    """Tell people which of their pictures come to their end; return how many people.

    The mail goes first and the rows after it: killed in between, somebody is told twice, and never not at all.
    """
    told = 0
    for person, plan in _people(now):
        told += _tell(person, plan, now)
        if told >= PEOPLE:
            break
    return told


def end(now: datetime) -> int:
    """Put announced pictures whose time has come into the trash; return how many. What is safe by now is let be."""
    ended = 0
    due = PictureEnd.objects.filter(ends_at__lte=now).order_by("ends_at", "pk")
    while owners := list(dict.fromkeys(due.values_list("picture__owner", flat=True)[:BATCH])):
        for person in User.objects.filter(pk__in=owners):
            ended += _end_of(person, now)
    if ended:
        log.info("pictures.ended", count=ended)
    return ended


def _people(now: datetime) -> Iterator[tuple[User, Plan]]:
    """Yield those who have pictures to be told of, and were not told of others within QUIET."""
    days = [plan.retention_days for plan in plans.plans() if plan.retention_days is not None]
    if not days:
        return
    oldest = Picture.objects.filter(
        deleted_at=None, favourite_at=None, end=None, created_at__lte=now + NOTICE - timedelta(days=min(days))
    )
    people = User.objects.filter(is_active=True, pk__in=oldest.values("owner")).order_by("pk")
    for person in people.iterator(chunk_size=BATCH):
        plan = standing.plan_of(person)
        last = PictureEnd.objects.filter(picture__owner=person).aggregate(last=Max("told_at"))["last"]
        if plan.retention_days is not None and (last is None or last <= now - QUIET):
            yield person, plan


def _tell(person: User, plan: Plan, now: datetime) -> bool:
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
        [PictureEnd(picture_id=pk, told_at=now, ends_at=when) for pk, when in ends.items()],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    return True


def _mail(person: User, plan: Plan, ending: Ending) -> bool:
    subject = _("Some of your pictures leave your history on %(date)s")
    return send_letter(
        "pictures_end",
        person.email,
        subject % {"date": ending.first.date().isoformat()},
        {"person": person, "plan": plan, "ending": ending, "trash_days": settings.TRASH_DAYS},
    )


@transaction.atomic
def _end_of(person: User, now: datetime) -> int:
    """End what is due of one person: into the trash what their plan of today keeps no longer, and forget the rest."""
    due = list(
        PictureEnd.objects.filter(picture__owner=person, ends_at__lte=now).values_list("pk", flat=True)[
            :BATCH
        ]
    )
    days = standing.plan_of(person).retention_days
    ended = 0
    if days is not None:
        over = _at_risk(person).filter(pk__in=due, created_at__lte=now - timedelta(days=days))
        ended = over.update(deleted_at=now)
    PictureEnd.objects.filter(pk__in=due).delete()
    return ended


def _at_risk(person: User) -> PictureQuerySet:
    return Picture.objects.visible_to(person).filter(favourite_at=None)


def _some_plan_ends() -> bool:
    return any(plan.retention_days is not None for plan in plans.plans())
