"""The filters that write times, available in every template; Django's own show no zone and allow many styles."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.people import preferences
from image2.lib import times

register = template.Library()


@register.filter
def moment(at: datetime | None) -> SafeString:
    """{{ picture.created_at|moment }}: day, hour and minute in the browser's zone."""
    return times.element(at, "moment", times.moment(at)) if at else SafeString("")


@register.filter
def day(at: datetime | None) -> SafeString:
    """{{ lot.expires_at|day }}: the day of a moment in the browser's zone."""
    return times.element(at, "day", times.day(at)) if at else SafeString("")


@register.filter
def ago(at: datetime | None) -> SafeString:
    """{{ session.last_seen_at|ago }}: "3 minutes ago", which is the same in every zone."""
    return times.element(at, "ago", naturaltime(at)) if at else SafeString("")


@register.filter
def calendar_day(on: date | None) -> str:
    """{{ policy.effective_at|calendar_day }}: a day that is announced, and the same for everybody."""
    return times.calendar_day(on.astimezone(UTC) if isinstance(on, datetime) else on) if on else ""


@register.filter
def month(on: date) -> str:
    """{{ each|month }}: "December 2026"."""
    return times.month(on)


@register.filter
def month_value(on: date | None) -> str:
    """{{ each|month_value }}: "2026-12", for addresses."""
    return f"{on:%Y-%m}" if on else ""


@register.filter
def mail_moment(at: datetime, reader: User | None) -> str:
    """{{ timestamp|mail_moment:person }}: as text, in the zone that the reader has chosen."""
    return times.moment(at, preferences.zone_of(reader))


@register.filter
def mail_day(at: datetime, reader: User | None) -> str:
    return times.day(at, preferences.zone_of(reader))
