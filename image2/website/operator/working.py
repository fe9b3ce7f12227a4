"""Does it work: the parts of the site, the queue, the workers, failures, storage, mails and webhooks. Counted now."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import StaffAccess, User
from billing.models import StripeEvent
from generation.jobs import failures
from generation.models import Job, ModerationTotal, StorageDeletion, TakeDown, Worker
from generation.provenance import certificate
from image2.lib.mail import failures as mail_failures
from image2.website import health
from image2.website.operator.parts import Cell, Figure, May, Section, Table, count_cell, listing, number
from privacy.models import Erasure, Ticket, TicketMessage

FAILED_WITHIN: Final = timedelta(hours=24)
# Waits longer than these need somebody to look.
_LONG_WAIT: Final = timedelta(minutes=10)
_MAIL_LATE: Final = timedelta(hours=1)
_WEBHOOK_LATE: Final = timedelta(minutes=15)
_DELETION_LATE: Final = timedelta(hours=1)
_REFUSED_WITHIN: Final = timedelta(days=7)
_CERTIFICATE_ENDS: Final = timedelta(days=30)
_SHOWN: Final = 20


def section(may: May, now: datetime) -> Section:
    works = Section(name="works", title=_("Does it work?"))
    works.figures.extend(_parts())
    if may(Job):
        works.tables += [_queue(now), _failures(now)]
    if may(ModerationTotal):
        works.tables.append(_refused(now))
    if may(Worker):
        works.tables.append(_workers())
    if may(StorageDeletion):
        works.figures += [*_free_space(), _deletions(now)]
    works.figures += [*_signing(now), *_mails(may, now)]
    if may(StripeEvent):
        works.figures.append(_webhooks(now))
    return works


def _parts() -> list[Figure]:
    names = {
        "database": _("Database"),
        "broker": _("Broker"),
        "storage": _("Storage"),
        "worker": _("Worker that draws"),
    }
    return [
        Figure(
            label=names[part],
            value=_("Works") if works else _("Doesn't answer"),
            url=reverse("readyz"),
            alarming=not works,
        )
        for part, works in health.parts().items()
    ]


def _queue(now: datetime) -> Table:
    lanes: dict[str, dict[str, Any]] = {}
    for row in Job.objects.lanes():
        lanes.setdefault(row["lane"], {})[row["state"]] = row
    return Table(
        title=_("Queue"),
        columns=[_("Lane"), _("Waiting"), _("Running"), _("Oldest waits since")],
        rows=[_lane(lane, states, now) for lane, states in sorted(lanes.items())],
        empty=_("No job waits or runs."),
        url=listing(Job, state__exact=Job.State.QUEUED),
    )


def _lane(lane: str, states: dict[str, Any], now: datetime) -> list[Cell]:
    queued, running = states.get(Job.State.QUEUED), states.get(Job.State.RUNNING)
    since = queued["since"] if queued else None
    late = since is not None and since < now - _LONG_WAIT
    of_lane = {"lane": lane}
    return [
        Cell(lane),
        count_cell(queued["jobs"] if queued else 0, listing(Job, state__exact=Job.State.QUEUED, **of_lane)),
        count_cell(
            running["jobs"] if running else 0, listing(Job, state__exact=Job.State.RUNNING, **of_lane)
        ),
        Cell("" if since else "–", at=since, alarming=late),
    ]


def _failures(now: datetime) -> Table:
    since = now - FAILED_WITHIN
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=since)
    causes = failed.values("error_code").annotate(jobs=Count("pk")).order_by("-jobs", "error_code")
    shared = {"state__exact": Job.State.FAILED, "finished_at__gte": str(since.replace(microsecond=0))}
    return Table(
        title=_("Failed in the last 24 hours"),
        columns=[_("Cause"), _("Jobs")],
        rows=[
            [
                Cell(failures.label(row["error_code"])),
                count_cell(row["jobs"], listing(Job, **shared, error_code=row["error_code"])),
            ]
            for row in causes[:_SHOWN]
        ],
        empty=_("No job failed."),
        url=listing(Job, **shared),
    )


def _refused(now: datetime) -> Table:
    week = ModerationTotal.objects.filter(day__gt=(now - _REFUSED_WITHIN).date())
    sums = week.values("stage", "category").annotate(refused=Sum("count")).order_by("-refused", "category")
    return Table(
        title=_("Refused by moderation in the last 7 days"),
        columns=[_("Stage"), _("Category"), _("Refused")],
        rows=[
            [
                Cell(str(ModerationTotal.Stage(row["stage"]).label)),
                Cell(row["category"]),
                Cell(number(row["refused"])),
            ]
            for row in sums[:_SHOWN]
        ],
        empty=_("Nothing was refused."),
        url=listing(ModerationTotal),
        note=_("Counts alone: no words, pictures or people are kept."),
    )


def _workers() -> Table:
    alive = Worker.objects.alive().order_by("lane", "name")
    return Table(
        title=_("Workers"),
        columns=[_("Name"), _("Lane"), _("Models in memory"), _("Last heard")],
        rows=[
            [
                Cell(worker.name),
                Cell(worker.lane),
                Cell(_("loading") if worker.is_loading else ", ".join(worker.held) or "–"),
                Cell("", at=worker.heartbeat_at),
            ]
            for worker in alive[:_SHOWN]
        ],
        empty=_("No worker was heard within a minute. Jobs wait until one starts."),
        url=listing(Worker),
        note=_("Workers of the lanes cpu, mail and billing don't report here."),
    )


def _free_space() -> list[Figure]:
    if settings.S3_BUCKET:
        return []
    free = shutil.disk_usage(settings.HOME).free
    return [
        Figure(
            label=_("Free space on the disk"),
            value=filesizeformat(free),
            note=_("in the data folder"),
            alarming=free < health.LEAST_FREE_BYTES,
        )
    ]


def _signing(now: datetime) -> list[Figure]:
    if not certificate.configured():
        return []
    label = _("Content Credentials")
    try:
        ends = certificate.current().ends
    except certificate.Unusable as reason:
        return [Figure(label=label, value=_("Downloads aren't signed"), note=str(reason), alarming=True)]
    soon = ends < now + _CERTIFICATE_ENDS
    return [Figure(label=label, value=_("Signed"), since=ends, since_word=_("until"), alarming=soon)]


def _deletions(now: datetime) -> Figure:
    waiting = StorageDeletion.objects.aggregate(count=Count("pk"), since=Min("due_at"))
    return _waiting(_("Stored objects to delete"), waiting, listing(StorageDeletion), now - _DELETION_LATE)


def _mails(may: May, now: datetime) -> list[Figure]:
    late = now - _MAIL_LATE
    found = [
        _waiting(label, rows.aggregate(count=Count("pk"), since=Min(field)), url, late)
        for model, label, rows, field, url in _unsent()
        if may(model)
    ]
    if not found:
        return []
    failed = mail_failures.recent()
    refused = Figure(
        label=_("Mails that no server took"),
        value=number(failed),
        note=_("attempts today and yesterday; the log has each as mail.not_sent"),
        alarming=failed > 0,
    )
    return [*found, refused]


def _unsent() -> list[tuple[type[Any], str, QuerySet[Any], str, str]]:
    """Return the mails that a table remembers: whose list it is, what it is called, its rows, since when, the list."""
    reachable = Exists(mail.reachable(User.objects.filter(pk=OuterRef("person"))))
    unannounced = Q(notified_at=None) | Q(lifted_at__isnull=False, lift_notified_at=None)
    return [
        (
            Ticket,
            _("Mails of support waiting"),
            TicketMessage.objects.filter(mail_due_at__isnull=False),
            "created_at",
            listing(Ticket, state="all"),
        ),
        (
            StaffAccess,
            _("Notices of access waiting"),
            StaffAccess.objects.not_held().filter(notified_at=None).filter(reachable),
            "opened_at",
            listing(StaffAccess, notified_at__isempty=1),
        ),
        (
            TakeDown,
            _("Statements about take-downs waiting"),
            TakeDown.objects.filter(unannounced).filter(reachable),
            "taken_at",
            listing(TakeDown, notified_at__isempty=1),
        ),
        (
            Erasure,
            _("Receipts of deletions waiting"),
            Erasure.objects.filter(finished_at__isnull=False, receipt_sent_at=None).exclude(address=""),
            "finished_at",
            listing(Erasure, state__exact=Erasure.State.DONE, receipt_sent_at__isempty=1),
        ),
    ]


def _webhooks(now: datetime) -> Figure:
    behind = StripeEvent.objects.filter(handled_at=None).aggregate(
        count=Count("pk"), since=Min("received_at")
    )
    return _waiting(
        _("Webhooks of Stripe behind"),
        behind,
        listing(StripeEvent, handled_at__isempty=1),
        now - _WEBHOOK_LATE,
    )


def _waiting(label: str, counted: dict[str, Any], url: str, late: datetime) -> Figure:
    """Return how many wait and since when the oldest does; alarming where that is too long ago."""
    since = counted["since"]
    return Figure(
        label=label,
        value=number(counted["count"]),
        url=url,
        since=since,
        since_word=_("oldest:"),
        alarming=since is not None and since < late,
    )
