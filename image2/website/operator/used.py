"""Is it used: sign-ups, jobs and pictures by day, and which models and shapes, without people in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import UsageEvent, User
from accounts.usage import labels, totals
from accounts.usage.totals import Group
from generation.models import Job, Picture
from image2.lib import times
from image2.lib.ids import first_id
from image2.website.operator import by_day
from image2.website.operator.parts import Cell, Chart, May, Section, Table, count_cell, listing

_EVENT = "generation.submitted"


def section(may: May, _now: datetime) -> Section:
    used = Section(name="used", title=_("Is it used?"))
    if may(User):
        used.charts.append(_sign_ups())
    if may(Job):
        used.charts.append(_jobs())
    if may(Picture):
        used.charts.append(_pictures())
    if may(UsageEvent):
        used.tables += _usage()
    return used


def _sign_ups() -> Chart:
    return by_day.chart(
        # Ids begin with their time, so the primary key finds the newest people.
        User.objects.filter(pk__gte=first_id(by_day.since())),
        name="sign-ups",
        field="date_joined",
        title=_("Sign-ups"),
        description=_("New accounts on each of the last 28 days."),
        unit=_("Sign-ups"),
    )


def _jobs() -> Chart:
    return by_day.chart(
        Job.objects.all(),
        name="jobs",
        field="created_at",
        title=_("Jobs"),
        description=_("Jobs submitted on each of the last 28 days, whatever became of them."),
        unit=_("Jobs"),
    )


def _pictures() -> Chart:
    return by_day.chart(
        Picture.objects.all(),
        name="pictures",
        field="created_at",
        title=_("Pictures"),
        description=_("Pictures made on each of the last 28 days that weren't deleted for good since."),
        unit=_("Pictures"),
    )


def _usage() -> list[Table]:
    weeks = totals.weeks()
    if not weeks:
        return []
    return [_divided(weeks[0], "model", _("Models")), _divided(weeks[0], "shape", _("Shapes"))]


def _divided(monday: date, detail: str, title: str) -> Table:
    counted = by_day.remembered(f"{detail}:{monday}", lambda: totals.by_day(_EVENT, monday, detail))
    days = [monday + timedelta(days=after) for after in range(7)]
    rest = _("Others together") if len(counted.value) > 1 else _("All together")
    url = listing(UsageEvent, week=monday.isoformat())
    week = times.calendar_day(monday)
    return Table(
        title=_("%(what)s in the week from %(day)s") % {"what": title, "day": week},
        columns=[title, *(_weekday(day) for day in days), _("Other days"), _("Week")],
        rows=[_row(detail, group, found, days, rest, url) for group, found in counted.value],
        empty=_("Too few people to show."),
        url=url,
        note=_(
            "Every number is of %(fewest)d people or more who let us record usage, and rounded to %(rounded)d. Days "
            "with fewer people are counted together."
        )
        % {"fewest": totals.FEWEST, "rounded": totals.ROUNDED_TO},
    )


def _row(
    detail: str, group: Group, found: Sequence[Group], days: Sequence[date], rest: str, url: str
) -> list[Cell]:
    alone = {each.values[0]: each.rounded for each in found if len(each.values) == 1}
    together = next((each.rounded for each in found if len(each.values) > 1), None)
    counts = [*(alone.get(day.isoformat()) for day in days), together]
    name = labels.label(detail, group.values[0]) if len(group.values) == 1 else rest
    cells = [Cell("–", is_number=True) if count is None else count_cell(count) for count in counts]
    return [Cell(name), *cells, count_cell(group.rounded, url)]


def _weekday(day: date) -> str:
    return times.weekday(day)
