"""Staff open a private picture: it is logged, and its owner is notified at once, or after a legal hold."""

from __future__ import annotations

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import StaffAccess, User
from accounts.staff import audit

log = structlog.get_logger(__name__)


class MayNotHold(Exception):
    """Only a superuser may put a legal hold on the notice."""


@transaction.atomic
def record(
    *, actor: User, on: models.Model, person: User, ground: str, reason: str, hold_because: str = ""
) -> StaffAccess:
    """Write down that ``actor`` opens ``on``, which is ``person``'s; call it before it is shown.

    With ``hold_because`` the person is notified only after ``lift``. Raises MayNotHold and audit.ReasonMissing.
    """
    if hold_because and not actor.is_superuser:
        raise MayNotHold
    audit.record(actor=actor, action="picture.opened", on=on, reason=reason, subject_id=person.pk)
    access = StaffAccess.objects.create(
        person=person, picture_id=on.pk, ground=ground, held_because=hold_because.strip()
    )
    if access.is_held:
        audit.record(
            actor=actor, action="legal_hold.set", on=access, reason=hold_because, subject_id=person.pk
        )
    return access


@transaction.atomic
def lift(*, actor: User, access: StaffAccess, reason: str) -> bool:
    """Lift the legal hold; the next run of the task notifies the person. False when it is already lifted."""
    if not actor.is_superuser:
        raise MayNotHold
    held = StaffAccess.objects.filter(pk=access.pk, lifted_at=None).exclude(held_because="")
    if not held.update(lifted_at=timezone.now()):
        return False
    audit.record(
        actor=actor, action="legal_hold.lifted", on=access, reason=reason, subject_id=access.person_id
    )
    return True


def unseen(user: User | AnonymousUser) -> bool:
    """Whether there is an access that this person did not look at yet."""
    return StaffAccess.objects.visible_to(user).filter(seen_at=None).exists()


def seen(user: User) -> None:
    StaffAccess.objects.visible_to(user).filter(seen_at=None).update(seen_at=timezone.now())


def send_notices(limit: int = 200) -> int:
    """Mail people about what was opened and not announced yet, one mail a person; return how many mails.

    Called by the beat. The mail is sent before the rows are written: after a kill in between, somebody gets two
    mails, never none.
    """
    waiting = StaffAccess.objects.not_held().filter(notified_at=None)
    people = mail.reachable(User.objects.filter(pk__in=waiting.values("person")))
    sent = 0
    for person in people.order_by("pk")[:limit]:
        accesses = list(waiting.filter(person=person).order_by("opened_at"))
        if _notify(person, accesses):
            StaffAccess.objects.filter(pk__in=[access.pk for access in accesses]).update(
                notified_at=timezone.now()
            )
            sent += 1
    if sent:
        log.info("staff_access.notified", people=sent)
    return sent


def _notify(person: User, accesses: list[StaffAccess]) -> bool:
    return mail.write_to(
        person,
        name="staff_access",
        subject=_("Our staff opened one of your pictures"),
        context={"accesses": accesses},
    )
