"""Staff take a picture or an upload down: nobody reaches it any more, and its owner learns why and how to appeal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from accounts.staff import audit
from generation.models import Picture, TakeDown, Upload
from generation.pictures import trash

log = structlog.get_logger(__name__)


class AlreadyDown(Exception):
    """It is taken down already."""


class NotDown(Exception):
    """The decision was lifted before."""


class Gone(Exception):
    """It was deleted in the meantime, so there is nothing to bring back."""


@transaction.atomic
def take_down(*, actor: User, on: Picture | Upload, ground: str, statement: str, reason: str) -> TakeDown:
    """Make the picture or upload unreachable from now on. `statement` is for its owner, `reason` for the audit log.

    Raises AlreadyDown and audit.ReasonMissing. The mail follows with the next run of the beat.
    """
    kind = "upload" if isinstance(on, Upload) else "picture"
    audit.record(actor=actor, action=f"{kind}.taken_down", on=on, reason=reason, subject_id=on.owner_id)
    if not _rows(on).filter(pk=on.pk, taken_down_at__isnull=True).update(taken_down_at=timezone.now()):
        raise AlreadyDown
    return TakeDown.objects.create(
        person_id=on.owner_id, ground=ground, statement=statement.strip(), **{f"{kind}_id": on.pk}
    )


@transaction.atomic
def lift(*, actor: User, decision: TakeDown, reason: str) -> None:
    """Bring the picture or upload back where it was, for example after an appeal.

    Raises NotDown, Gone and audit.ReasonMissing.
    """
    audit.record(
        actor=actor, action="take_down.lifted", on=decision, reason=reason, subject_id=decision.person_id
    )
    if not TakeDown.objects.in_force().filter(pk=decision.pk).update(lifted_at=timezone.now()):
        raise NotDown
    # An upload gets its full time again before it counts as unused.
    back = (
        Upload.objects.filter(pk=decision.upload_id).update(taken_down_at=None, used_at=timezone.now())
        if decision.upload_id
        else Picture.objects.filter(pk=str(decision.picture_id)).update(taken_down_at=None)
    )
    if not back:
        raise Gone


def send_notices(limit: int = 200) -> int:
    """Mail owners about decisions and lifted ones that they don't know of yet; return how many mails.

    Called by the beat. The mail is sent before the row is written: after a kill in between, somebody gets two mails,
    never none.
    """
    unannounced = Q(notified_at=None) | Q(lifted_at__isnull=False, lift_notified_at=None)
    people = mail.reachable(User.objects.filter(pk=OuterRef("person")))
    waiting = TakeDown.objects.filter(unannounced).filter(Exists(people)).select_related("person")
    sent = 0
    for decision in waiting.order_by("taken_at")[:limit]:
        if _notify(decision):
            now = timezone.now()
            lifted = {"lift_notified_at": now} if decision.lifted_at else {}
            TakeDown.objects.filter(pk=decision.pk).update(notified_at=now, **lifted)
            sent += 1
    if sent:
        log.info("take_down.notified", mails=sent)
    return sent


def delete_due(now: datetime, limit: int = 1000) -> int:
    """Purge what wasn't brought back within TAKE_DOWN_DAYS, and decisions older than AUDIT_DAYS; return how many."""
    TakeDown.objects.filter(taken_at__lt=now - timedelta(days=settings.AUDIT_DAYS)).delete()
    before = now - timedelta(days=settings.TAKE_DOWN_DAYS)
    gone = trash.purge_any(Picture.objects.filter(taken_down_at__lt=before), limit)
    return gone + trash.purge_any_uploads(Upload.objects.filter(taken_down_at__lt=before), limit)


def _rows(of: Picture | Upload) -> QuerySet[Any]:
    return Upload.objects.all() if isinstance(of, Upload) else Picture.objects.all()


def _notify(decision: TakeDown) -> bool:
    if decision.upload_id:
        subject = _("Your upload is back") if decision.lifted_at else _("We took down one of your uploads")
    else:
        subject = _("Your picture is back") if decision.lifted_at else _("We took down one of your pictures")
    return mail.write_to(
        decision.person,
        name="taken_down",
        subject=subject,
        context={"decision": decision, "days": settings.TAKE_DOWN_DAYS},
    )
