"""What the beat does for copies: queue again what a dead worker left, write when one is ready, remove what is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from generation.files import storing
from privacy.export import queue
from privacy.models import Export, ExportDraft

log = structlog.get_logger(__name__)

_BATCH: Final = 100
_MAIL_AGAIN: Final = timedelta(minutes=10)


def sweep() -> None:
    """Each part is short, may be killed anywhere, and is done again the next time."""
    for export in Export.objects.filter(state=Export.State.RUNNING, lease_until__lt=Now())[:_BATCH]:
        queue.take_back(export)
    _abandon()
    _forget()
    _send_mails()
    if Export.objects.filter(state=Export.State.QUEUED, not_before__lte=Now()).exists():
        queue.notify()


def kept_until(export: Export) -> datetime | None:
    """Return when a finished copy is removed."""
    return export.finished_at + timedelta(days=settings.EXPORT_DAYS) if export.finished_at else None


def _abandon() -> None:
    """Parts in hand of copies that ended or that belong to nobody any more."""
    ended = ~Q(export__state__in=Export.LIVE) | Q(export__user__isnull=True)
    for draft in ExportDraft.objects.filter(ended)[:_BATCH]:
        try:
            queue.abandon(draft)
        except storing.StorageError:
            log.warning("export.not_abandoned", key=draft.key, exc_info=True)


def _forget() -> None:
    over = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    for export in Export.objects.filter(state=Export.State.DONE, finished_at__lt=over)[:_BATCH]:
        queue.remove(export)
        log.info("export.removed", export=str(export.pk))
    # Its page says for as long again that it was there.
    long_over = Q(state=Export.State.REMOVED, finished_at__lt=over - timedelta(days=settings.EXPORT_DAYS))
    failed = Q(state__in=(Export.State.FAILED, Export.State.CANCELLED), finished_at__lt=over)
    nobodys = Q(user__isnull=True)
    for export in Export.objects.filter(long_over | failed | nobodys, draft__isnull=True)[:_BATCH]:
        queue.forget(export)


def _send_mails() -> None:
    """The mail is sent before the row says so: after a kill in between somebody gets two, never none."""
    ended = Export.objects.filter(
        state__in=(Export.State.DONE, Export.State.FAILED), mailed_at=None, not_before__lte=Now()
    )
    for export in ended.select_related("user").exclude(user=None)[:_BATCH]:
        if _write(export):
            Export.objects.filter(pk=export.pk).update(mailed_at=Now())
        else:
            Export.objects.filter(pk=export.pk).update(not_before=Now() + _MAIL_AGAIN)


def _write(export: Export) -> bool:
    person = export.user
    if person is None or mail.address_of(person) is None:
        return True
    is_ready = export.state == Export.State.DONE
    return mail.write_to(
        person,
        name="export_ready" if is_ready else "export_failed",
        subject=_("The copy of your data is ready") if is_ready else _("The copy of your data wasn't made"),
        context={"export": export, "until": kept_until(export)},
    )
