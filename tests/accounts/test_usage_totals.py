"""The operator's totals: no number is about fewer than five people, and none can be computed from the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Preferences, UsageEvent, User
from accounts.usage import charts, totals
from accounts.usage.totals import Group
from tests.factories import log_in_staff, make_person

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
# Who used which value how often: value → {person: times}.
Uses = dict[str, dict[int, int]]
USES = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    st.dictionaries(st.integers(0, 12), st.integers(1, 30), min_size=1, max_size=13),
    max_size=6,
)


def grouped(uses: Uses) -> list[Group]:
    def people_of(names: Sequence[str]) -> int:
        return len({person for name in names for person in uses[name]})

    values = [Group((name,), sum(by.values()), len(by)) for name, by in sorted(uses.items())]
    return totals.in_groups(values, people_of)


@given(USES)
def test_every_group_is_of_five_people_and_the_groups_hold_everything_or_nothing(uses: Uses) -> None:
    """Disjoint groups that hold everything: whatever is subtracted from whatever is a sum of groups again."""
    groups = grouped(uses)
    names = [name for group in groups for name in group.values]

    assert len(names) == len(set(names))
    assert set(names) in (set(), set(uses))
    for group in groups:
        people = {person for name in group.values for person in uses[name]}
        assert len(people) == group.people >= totals.FEWEST
        assert group.events == sum(sum(uses[name].values()) for name in group.values)
    if not groups:
        assert len({person for by in uses.values() for person in by}) < totals.FEWEST


@given(USES)
def test_a_value_of_few_people_never_stands_alone(uses: Uses) -> None:
    alone = {group.values[0] for group in grouped(uses) if len(group.values) == 1}

    assert not [name for name in alone if len(uses[name]) < totals.FEWEST]


def test_one_rare_value_takes_another_with_it() -> None:
    """Shown alone, “common” subtracted from the week's total would tell what one person did."""
    uses = {"common": dict.fromkeys(range(9), 3), "usual": dict.fromkeys(range(6), 2), "rare": {11: 40}}

    groups = grouped(uses)

    assert [group.values for group in groups] == [("common",), ("rare", "usual")]
    assert groups[1].events == 52


@pytest.mark.parametrize(("events", "shown"), [(5, 5), (7, 5), (8, 10), (52, 50), (53, 55)])
def test_counts_are_rounded_to_five(events: int, shown: int) -> None:
    assert Group(("a",), events, 9).rounded == shown


def test_only_whole_weeks_that_are_still_kept_are_offered() -> None:
    weeks = totals.weeks(NOW)

    assert weeks[0] == MONDAY
    assert len(weeks) == 24
    assert weeks[-1] >= NOW.date() - timedelta(days=180)


def used(by: User, at: datetime, **details: object) -> None:
    UsageEvent.objects.create(user=by, event="generation.submitted", details=details, at=at)


@pytest.fixture
def people(db: None) -> list[User]:
    return [make_person(f"Person{number}") for number in range(7)]


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.few(1)
def test_a_week_is_divided_without_restricted_people_and_neighbouring_days(people: list[User]) -> None:
    middle = datetime(2026, 11, 18, 12, tzinfo=UTC)
    for person in people:
        used(person, middle, model="bundled", count=2)
    for person in people[:5]:
        used(person, middle, model="sdxl", count=1)
    used(people[0], middle, model="secret")
    used(people[0], datetime(2026, 11, 15, 23, 59, tzinfo=UTC), model="bundled")
    used(people[0], datetime(2026, 11, 23, tzinfo=UTC), model="bundled")
    Preferences.objects.create(user=people[6], restricted_at=middle)

    assert totals.week_total("generation.submitted", MONDAY) == Group((), 12, 6)
    # “secret” is of one person: it goes with “sdxl”, or what is left of the total would tell how often.
    divided = totals.divided("generation.submitted", MONDAY, "model")
    assert [(group.values, group.events, group.people) for group in divided] == [
        (("bundled",), 6, 6),
        (("sdxl", "secret"), 6, 5),
    ]


@pytest.mark.django_db
def test_a_week_of_four_people_shows_nothing(people: list[User]) -> None:
    for person in people[:4]:
        used(person, datetime(2026, 11, 18, tzinfo=UTC), model="bundled")

    assert totals.week_total("generation.submitted", MONDAY) is None
    assert totals.divided("generation.submitted", MONDAY, "model") == []


@pytest.mark.django_db
def test_the_page_draws_charts_without_script_or_rows(
    client: Client, carol: User, people: list[User]
) -> None:
    with time_machine.travel(NOW):
        for person in people:
            used(person, datetime(2026, 11, 18, tzinfo=UTC), model="bundled", size="4k")
        log_in_staff(client, carol)
        page = client.get("/admin/accounts/usageevent/").text
        of_a_row = client.get(f"/admin/accounts/usageevent/{UsageEvent.objects.earliest('pk').pk}/change/")

    assert "Image 2 Poster" in page
    assert "4K" in page
    assert "About 5 in the week from 16 Nov 2026." in page
    assert page.count("<svg") >= 3
    assert not [person for person in people if person.email in page or person.name in page]
    assert of_a_row.status_code == HTTPStatus.NOT_FOUND


def test_columns_and_bars_stay_inside_the_chart() -> None:
    weeks = [(MONDAY + timedelta(weeks=number), Group((), 10 * number, 9)) for number in range(12)]
    drawn = charts.columns([*weeks, (MONDAY, None)])

    assert all(column.x >= 0 and column.x + column.width <= charts.WIDTH for column in drawn)
    assert max(column.height for column in drawn) == charts.HEIGHT
    assert drawn[-1].count is None
    assert [row.length for row in charts.rows([("a", Group((), 20, 9)), ("b", Group((), 10, 9))])] == [
        240,
        120,
    ]
