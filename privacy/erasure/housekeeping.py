"""What the beat does for closed accounts: keep them quiet, send mails and receipts, begin what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from billing.payments import NotConfigured, Refused, Unavailable
from editor.models import Generation, Run
from generation.files import storing
from generation.models import Job
from privacy.erasure import ordering, receipts, stopping, working
from privacy.models import Erasure, Export

log = structlog.get_logger(__name__)

_BATCH: Final = 100
_MAIL_AGAIN: Final = timedelta(minutes=10)
_LATE: Final = timedelta(hours=1)
_PLANS_AGAIN: Final = timedelta(minutes=5)


def sweep() -> None:
    """Each part is short, may be killed anywhere, and is done again the next time."""
    _keep_quiet()
    # First: the others put off what they couldn't do now, and nothing of that may put off the end.
    working.begin_due()
    _send_mails()
    _stop_plans()
    try:
        receipts.send_due()
    except storing.StorageError:
        log.warning("erasure.no_record", exc_info=True)
    if working.work():
        ordering.notify()


def _keep_quiet() -> None:
    """Stop what a request that was under way began after the account was closed."""
    mine = OuterRef("pk")
    busy = (
        Q(Exists(Job.objects.filter(owner=mine, state__in=Job.LIVE, cancel_requested_at=None)))
        | Q(Exists(Generation.objects.filter(document__owner=mine, state=Generation.State.PREPARING)))
        | Q(Exists(Run.objects.filter(document__owner=mine, kind__in=stopping.MAKES, state=Run.State.QUEUED)))
        | Q(Exists(Export.objects.filter(user=mine, state__in=Export.LIVE)))
    )
    for user in User.objects.filter(busy, closed_at__isnull=False)[:_BATCH]:
        stopping.stop_work(user)


def _send_mails() -> None:
    """The mail is sent before the row says so: after a kill in between somebody gets two, never none."""
    waiting = Erasure.objects.filter(state=Erasure.State.CLOSED, mailed_at=None, not_before__lte=Now())
    for erasure in waiting.select_related("user").exclude(user=None)[:_BATCH]:
        row = Erasure.objects.filter(pk=erasure.pk)
        if timezone.now() - erasure.ordered_at > _LATE:
            # The time to come back begins with the mail that says how.
            erasure.due_at = timezone.now() + timedelta(days=settings.ERASURE_DAYS)
            row.update(due_at=erasure.due_at)
        if _write(erasure):
            row.update(mailed_at=Now())
        else:
            row.update(not_before=Now() + _MAIL_AGAIN)


def _write(erasure: Erasure) -> bool:
    person = erasure.user
    if person is None or mail.address_of(person) is None:
        return True
    return mail.write_to(
        person,
        name="erasure_ordered",
        subject=_("Your account is closed and will be deleted"),
        context={"erasure": erasure, "link": ordering.link(erasure), "plans": stopping.has_plans(person)},
    )


def _stop_plans() -> None:
    waiting = Erasure.objects.filter(
        state=Erasure.State.CLOSED, plans_stopped_at=None, not_before__lte=Now()
    ).exclude(user=None)
    for erasure in waiting.select_related("user")[:_BATCH]:
        assert erasure.user is not None
        row = Erasure.objects.filter(pk=erasure.pk)
        try:
            stopping.stop_renewing(erasure.user)
        except NotConfigured:
            row.update(plans_stopped_at=Now())  # nothing is sold here any more
        except (Unavailable, Refused):
            log.exception("erasure.plans_not_stopped", erasure=str(erasure.pk))
            row.update(not_before=Now() + _PLANS_AGAIN)
        else:
            row.update(plans_stopped_at=Now())
