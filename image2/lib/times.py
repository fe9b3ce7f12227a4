"""How a moment is written, on every page and in every mail: "1 Dec 2026, 14:05", always with its time zone.

Pages get the browser's zone from <local-time> (static/js/elements/local-time.js); what stands here is for a page
without script, where the zone is UTC and says so, and for mails, in the zone that their reader has chosen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString

_DAY: Final = "j M Y"
_MOMENT: Final = "j M Y, H:i"
_MONTH: Final = "F Y"
_WEEKDAY: Final = "D j"


class UnknownZone(ValueError):
    """Nobody keeps a time zone of this name."""


def moment(at: datetime, zone: tzinfo = UTC) -> str:
    """Return "1 Dec 2026, 14:05 (UTC)"."""
    return _written(at, zone, _MOMENT)


def day(at: datetime, zone: tzinfo = UTC) -> str:
    """Return the day of a moment: "1 Dec 2026 (UTC)"."""
    return _written(at, zone, _DAY)


def calendar_day(on: date) -> str:
    """Return a day that is the same everywhere, such as the one a text takes effect on: "1 Dec 2026"."""
    return formats.date_format(on, _DAY)


def weekday(on: date) -> str:
    """Return "Mon 30"."""
    return formats.date_format(on, _WEEKDAY)


def month(on: date) -> str:
    """Return "December 2026"."""
    return formats.date_format(on, _MONTH)


def element(at: datetime, style: str, text: str) -> SafeString:
    """Return the element that shows a moment in the browser's zone; style "moment", "day" or "ago"."""
    return format_html(
        '<local-time data-style="{}"><time datetime="{}">{}</time></local-time>',
        style,
        at.astimezone(UTC).isoformat(timespec="seconds"),
        text,
    )


def zone(name: str) -> ZoneInfo:
    """Return the zone that somebody typed, in whatever case, with spaces or not; UnknownZone when there is none."""
    plain = "".join(name.split()).replace("_", "").casefold()
    if plain not in _zones():
        raise UnknownZone(name)
    return ZoneInfo(_zones()[plain])


@cache
def _zones() -> dict[str, str]:
    # "America/New York" and "america/new_york" are the same name to a person. Of a place's and a machine's own files
    # ("localtime", "Factory") nobody else knows the meaning.
    known = [name for name in available_timezones() if "/" in name or name == "UTC"]
    return {name.replace("_", "").casefold(): name for name in sorted(known)}


def _written(at: datetime, zone: tzinfo, style: str) -> str:
    return f"{formats.date_format(at.astimezone(zone), style)} ({zone})"
