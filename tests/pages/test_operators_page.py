"""The operator's first page: each figure from real rows, leading to its list, for those with the right to see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import UsageEvent, User
from accounts.usage import totals
from billing import ledger
from generation.models import Job, Worker
from image2.website import health
from image2.website.operator import page
from image2.website.operator.parts import Section
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import make_job, make_picture
from tests.pages.operators_rows import (
    a_draft,
    a_refund,
    an_ending,
    comparisons,
    credits_of_alice,
    late_deletion,
    late_erasure,
    late_event,
    refused_mails,
    rights_and_reports,
    ticket,
    unannounced_access,
    unpaid_plan,
    unsent_answer,
    unsent_receipt,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=200)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    caches["forgetful"].clear()
    yield
    caches["forgetful"].clear()


@pytest.fixture
def operator(carol: User) -> Client:
    return log_in_staff(Client(), carol)


def sections(may: Callable[[Any], bool] = lambda _model: True) -> dict[str, Section]:
    return {section.name: section for section in page.sections(may)}


def value(label: str) -> str:
    """Return what the page says under a label, with the word that asks somebody to look."""
    found = [figure for section in sections().values() for figure in section.figures if figure.label == label]
    assert len(found) == 1, label
    return found[0].value + (" !" if found[0].alarming else "")


def table(title: str) -> list[list[str]]:
    found = [
        each for section in sections().values() for each in section.tables if each.title.startswith(title)
    ]
    assert len(found) == 1, title
    return [[cell.text for cell in row] for row in found[0].rows]


def by_day(name: str) -> dict[str, int]:
    found = [each for section in sections().values() for each in section.charts if each.name == name]
    return {
        str((NOW - timedelta(days=27 - place)).date()): day.count for place, day in enumerate(found[0].days)
    }


def days_ago(days: int) -> datetime:
    return (NOW - timedelta(days=days)).replace(hour=12, minute=0)


def day(days: int) -> str:
    return str(days_ago(days).date())


# --- each figure ---------------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("happens", "label", "says"),
    [
        (late_event, "Webhooks of Stripe behind", "1 !"),
        (unsent_answer, "Mails of support waiting", "1"),
        (unannounced_access, "Notices of access waiting", "1"),
        (unannounced_access, "Legal holds on notices", "1"),
        (unsent_receipt, "Receipts of deletions waiting", "1 !"),
        (refused_mails, "Mails that no server took", "2 !"),
        (late_deletion, "Stored objects to delete", "1 !"),
        (unpaid_plan, "Plans whose payment failed", "2"),
        (a_refund, "Refunds", "1"),
        (a_refund, "Credits owed", "60"),
        (an_ending, "Plans ended at once, not done at Stripe", "1"),
        (credits_of_alice, "Credits people can spend", "1,410"),
        (credits_of_alice, "Credits held", "40"),
        (rights_and_reports, "Tickets waiting for us", "3"),
        (rights_and_reports, "Reports of pictures", "1 !"),
        (rights_and_reports, "Requests with a deadline by law", "3"),
        (rights_and_reports, "Deadline within 7 days, or over", "2 !"),
        (comparisons, "The ledger against itself", "Agrees"),
        (comparisons, "Held credits against jobs", "3 differ !"),
        (comparisons, "Payments against credits", "Not compared yet"),
        (a_draft, "Drafts of the privacy policy", "1"),
        (late_erasure, "Closed accounts that wait to be deleted", "1 !"),
    ],
)
def test_a_figure_counts_its_rows(
    alice: User, happens: Callable[[User], None], label: str, says: str
) -> None:
    happens(alice)

    assert value(label) == says


@pytest.mark.both_databases
def test_the_queue_is_shown_by_lane_and_failures_by_cause(alice: User) -> None:
    for minutes in (0, 30):
        make_job(alice, created_at=NOW - timedelta(minutes=minutes))
    make_job(alice, Job.State.RUNNING)
    make_job(alice, lane="cpu")
    make_job(alice, Job.State.FAILED, error_code="memory")
    make_job(alice, Job.State.FAILED, error_code="memory")
    make_job(alice, Job.State.FAILED, error_code="storage")
    make_job(alice, Job.State.FAILED, error_code="time", finished_at=NOW - timedelta(hours=25))

    assert [row[:3] for row in table("Queue")] == [["cpu", "1", "0"], ["gpu", "2", "1"]]
    assert table("Failed") == [["Out of memory", "2"], ["Storage refused the picture", "1"]]


@pytest.mark.both_databases
def test_the_oldest_wait_is_shown_and_asks_for_somebody_after_ten_minutes(alice: User) -> None:
    now = timezone.now()  # this process may be older than ten minutes
    oldest = now - timedelta(minutes=30)
    make_job(alice, created_at=oldest)
    make_job(alice, created_at=now - timedelta(minutes=20))
    make_job(alice, lane="cpu", created_at=now)
    make_job(alice, Job.State.RUNNING, lane="mail", created_at=oldest)

    (queue,) = (each for each in sections()["works"].tables if each.title == "Queue")
    assert {row[0].text: (row[3].at, row[3].alarming) for row in queue.rows} == {
        "cpu": (now, False),
        "gpu": (oldest, True),
        "mail": (None, False),
    }


def test_a_part_that_does_not_answer_asks_for_somebody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> bool:
        raise ConnectionRefusedError

    monkeypatch.setitem(health.CHECKS, "broker", away)
    assert value("Broker") == "Doesn't answer !"
    assert value("Database") == "Works"
    assert value("Worker that draws") == "Doesn't answer !"
    Worker.objects.create(name="a:1", lane="gpu")
    assert value("Worker that draws") == "Works"


def test_plans_in_force_are_counted_by_plan(alice: User) -> None:
    unpaid_plan(alice)
    assert table("Plans in force") == [["plus", "2", "1", "0"]]


def test_workers_say_which_models_they_hold(db: None) -> None:
    models = {"sdxl": {"state": "loaded"}, "bundled": {"state": "loaded"}, "klein": {"state": "here"}}
    Worker.objects.create(name="a:1", lane="gpu", models=models)
    Worker.objects.create(name="b:2", lane="gpu", is_loading=True)
    Worker.objects.create(name="c:3", lane="gpu", heartbeat_at=NOW - timedelta(minutes=5))

    assert [row[0:3] for row in table("Workers")] == [
        ["a:1", "gpu", "bundled, sdxl"],
        ["b:2", "gpu", "loading"],
    ]


@pytest.mark.both_databases
def test_days_are_whole_days_of_the_last_four_weeks(alice: User) -> None:
    for days in (0, 3, 3, 27, 28):
        make_job(alice, Job.State.DONE, created_at=days_ago(days))
        make_picture(alice, created_at=days_ago(days), thumbnails=False)
    User.objects.filter(pk=alice.pk).update(date_joined=days_ago(3))
    User.objects.filter(pk=make_person("Dora").pk).update(date_joined=LONG_AGO)

    expected = {day(0): 1, day(3): 2, day(27): 1}
    assert {on: count for on, count in by_day("jobs").items() if count} == expected
    assert {on: count for on, count in by_day("pictures").items() if count} == expected
    assert {on: count for on, count in by_day("sign-ups").items() if count} == {day(3): 1}


@pytest.mark.both_databases
def test_credits_sold_and_spent_are_added_up_by_day(alice: User) -> None:
    credits_of_alice(alice)
    ledger.grant(user=alice, amount=7, source="promo", source_ref="gift")

    assert {on: count for on, count in by_day("sold").items() if count} == {day(0): 1500}
    assert {on: count for on, count in by_day("spent").items() if count} == {day(0): 50}


@pytest.mark.both_databases
def test_a_week_by_day_never_shows_fewer_than_five_people(db: None) -> None:
    monday = totals.weeks()[0]
    start = datetime.combine(monday, datetime.min.time(), UTC) + timedelta(hours=9)
    people = [make_person(f"Person{number}") for number in range(7)]

    def used(by: User, after: int, model: str) -> None:
        UsageEvent.objects.create(
            user=by, event="generation.submitted", details={"model": model}, at=start + timedelta(days=after)
        )

    for person in people:
        used(person, 0, "bundled")
    for person in people[:3]:
        used(person, 1, "bundled")  # alone it would be of three people: it goes with another day
    for person in people[:5]:
        used(person, 2, "sdxl")

    found = totals.by_day("generation.submitted", monday, "model")
    week = totals.divided("generation.submitted", monday, "model")

    assert [group for group, _days in found] == week
    for group, days in found:
        assert sum(each.events for each in days) == group.events
        assert all(each.people >= totals.FEWEST for each in days)
    assert found[0][1] == [totals.Group((str(monday), str(monday + timedelta(days=1))), 10, 7)]


def test_models_and_shapes_are_shown_by_day_once_five_people_used_them(db: None) -> None:
    monday = totals.weeks()[0]
    start = datetime.combine(monday, datetime.min.time(), UTC) + timedelta(hours=9)
    details = {"model": "bundled", "shape": "16:9"}
    for number in range(totals.FEWEST):
        person = make_person(f"Person{number}")
        for after in (0, 2, 2):
            at = start + timedelta(days=after)
            UsageEvent.objects.create(user=person, event="generation.submitted", details=details, at=at)

    for title in ("Models", "Shapes"):
        (row,) = table(f"{title} in the week from")
        assert row[1:] == ["5", "–", "10", "–", "–", "–", "–", "–", "15"]


# --- who sees what, and what it costs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "titles"),
    [
        ("view_ticket", {"waits", "works"}),
        ("view_job", {"works", "used"}),
        ("view_picture", {"works", "used"}),
        ("view_hold", {"waits", "works", "pays"}),
        ("view_policyversion", {"waits", "works"}),
        ("view_usageevent", {"works", "used"}),
    ],
)
def test_a_member_of_staff_sees_only_what_their_rights_allow(db: None, right: str, titles: set[str]) -> None:
    helper = make_person("Helen", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename=right))

    text = log_in_staff(Client(), helper).get("/admin/").text

    assert set(re.findall(r'<section id="(\w+)"', text)) == titles | {"lists"}
    model = right.removeprefix("view_")
    addresses = set(re.findall(r'href="/admin/\w+/(\w+)/', text))
    assert addresses <= {model}


def test_staff_without_any_right_see_whether_the_site_works_and_nothing_else(db: None) -> None:
    text = log_in_staff(Client(), make_person("Helen", is_staff=True)).get("/admin/").text

    assert set(re.findall(r'<section id="(\w+)"', text)) == {"works", "lists"}
    assert not re.findall(r'href="/admin/\w+/\w+/', text)


@pytest.mark.parametrize("who", ["anonymous", "bob"])
def test_nobody_else_finds_it(bob: User, who: str) -> None:
    client = Client()
    if who == "bob":
        client.force_login(bob)

    assert client.get("/admin/").status_code == 404


def test_an_empty_site_says_so_in_sentences(operator: Client) -> None:
    text = operator.get("/admin/").text

    for sentence in (
        "No job waits or runs.",
        "No job failed.",
        "No worker was heard within a minute.",
        "Nobody has a plan.",
        "No ticket waits for an answer.",
        "Nothing in these days.",
        "Too few people to show.",
    ):
        assert unescape(sentence) in unescape(text), sentence


def _fill(alice: User, times: int) -> None:
    for number in range(times):
        person = make_person(f"Q{times}-{number}")
        for state in Job.State:
            make_job(person, state, error_code="memory" if state == Job.State.FAILED else "")
        make_picture(person)
        ticket(user=person, category="erasure", due_at=NOW)
        Worker.objects.create(name=f"w{times}:{number}", lane="gpu")
        UsageEvent.objects.create(
            user=person,
            event="generation.submitted",
            details={"model": f"m{number}", "shape": "1:1"},
            at=NOW - timedelta(days=7),
        )
        ledger.grant(user=person, amount=9, source="pack", source_ref=f"q{times}-{number}")
        ledger.hold(user=person, amount=2, ref=f"job:q{times}-{number}")


def test_the_number_of_queries_does_not_grow_with_rows(operator: Client, alice: User) -> None:
    def queries() -> int:
        caches["forgetful"].clear()
        with CaptureQueriesContext(connection) as seen:
            assert operator.get("/admin/").status_code == 200
        return len(seen)

    _fill(alice, 1)
    queries()  # what a process asks once
    few = queries()
    _fill(alice, 9)

    assert queries() == few
    assert few <= 60


def test_what_is_counted_by_day_is_remembered_for_some_minutes(operator: Client, alice: User) -> None:
    operator.get("/admin/")
    with CaptureQueriesContext(connection) as seen:
        operator.get("/admin/")

    assert not [query for query in seen if "day_in_utc" in query["sql"]]


# --- every number leads to its list --------------------------------------------------------------------------


def test_every_link_leads_to_a_list_with_its_filter_set(operator: Client, alice: User) -> None:
    _fill(alice, 1)
    unpaid_plan(alice)
    text = operator.get("/admin/").text
    addresses = {unescape(address) for address in re.findall(r'href="(/admin/[^"]+\?[^"]*)"', text)}

    assert len(addresses) > 20
    for address in sorted(addresses):
        assert operator.get(address).status_code == 200, (
            address
        )  # Django answers 302 to a filter it doesn't know


def test_charts_have_a_name_a_description_and_a_table(operator: Client, alice: User) -> None:
    make_job(alice)
    text = operator.get("/admin/").text
    charts = re.findall(r'<figure class="module operator-chart">.*?</figure>', text, re.DOTALL)

    assert len(charts) == 5
    for chart in charts:
        name, described = re.search(r'role="img"\s+aria-labelledby="([\w-]+) ([\w-]+)"', chart).groups()  # type: ignore[union-attr]  # there is one
        assert f'<title id="{name}">' in chart
        assert f'<desc id="{described}">' in chart
        assert chart.count("<rect") == chart.count('<th scope="row">') == 28
        assert not re.search(r"\sstyle=", chart)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
