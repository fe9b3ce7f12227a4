"""Times are written one way: with their zone, by the filters of image2/website/templatetags/times.py alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import Context, Template

from accounts.models import User
from image2.lib import times

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
BARE = re.compile(
    r"\|\s*(date|time|naturaltime|naturalday|timesince|timeuntil)\b|{%\s*now\b|\b(DATE|DATETIME)_FORMAT\b"
)
AT = datetime(2026, 9, 1, 22, 5, 7, tzinfo=UTC)
TIME = '<time datetime="2026-09-01T22:05:07+00:00">'


def test_no_template_writes_a_bare_date() -> None:
    found = [
        (str(path.relative_to(ROOT)), match.group(0))
        for path in TEMPLATES
        for match in BARE.finditer(path.read_text())
    ]

    assert TEMPLATES
    assert found == [], "use |moment, |day, |ago or |calendar_day"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (
            "at|moment",
            f'<local-time data-style="moment">{TIME}1 Sep 2026, 22:05 (UTC)</time></local-time>',
        ),
        (
            "at|day",
            f'<local-time data-style="day">{TIME}1 Sep 2026 (UTC)</time></local-time>',
        ),
        ("at|calendar_day", "1 Sep 2026"),
        ("on|calendar_day", "31 Dec 2026"),
        ("on|month", "December 2026"),
        ("on|month_value", "2026-12"),
        ("nothing|moment", ""),
        ("nothing|day", ""),
        ("nothing|ago", ""),
        ("nothing|month_value", ""),
        ("at|mail_moment:nothing", "1 Sep 2026, 22:05 (UTC)"),
    ],
)
def test_each_filter_writes_the_one_style(filters: str, expected: str) -> None:
    context = Context({"at": AT, "on": date(2026, 12, 31), "nothing": None})

    assert Template("{{ " + filters + " }}").render(context) == expected


@pytest.mark.django_db
def test_mails_are_written_in_the_zone_of_their_reader(alice: User) -> None:
    from accounts.people import preferences

    template = Template("{{ at|mail_moment:alice }} · {{ at|mail_day:alice }}")
    row = preferences.of(alice)
    for name, expected in [
        ("", "1 Sep 2026, 22:05 (UTC) · 1 Sep 2026 (UTC)"),
        ("Europe/Berlin", "2 Sep 2026, 00:05 (Europe/Berlin) · 2 Sep 2026 (Europe/Berlin)"),
        ("Asia/No_Longer_Kept", "1 Sep 2026, 22:05 (UTC) · 1 Sep 2026 (UTC)"),
    ]:
        row.time_zone = name
        row.save()
        assert template.render(Context({"at": AT, "alice": alice})) == expected


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" America/New York ", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_however_it_is_typed(typed: str, found: str) -> None:
    assert str(times.zone(typed)) == found


@pytest.mark.parametrize("typed", ["Berlin", "Europe/Atlantis", "localtime", "../../etc/passwd", "Factory"])
def test_a_zone_that_nobody_keeps_is_refused(typed: str) -> None:
    with pytest.raises(times.UnknownZone):
        times.zone(typed)
