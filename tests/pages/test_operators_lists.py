"""The lists that the operator's first page leads to: what they add up, filter and write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation.models import Job
from image2.lib.ids import first_id, new_id
from tests.factories import log_in_staff
from tests.generation.web.makers import make_job
from tests.pages.operators_rows import (
    credits_of_alice,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(carol: User) -> Client:
    return log_in_staff(Client(), carol)


@pytest.mark.both_databases
def test_a_list_of_credits_says_what_the_rows_found_add_up_to(operator: Client, alice: User) -> None:
    credits_of_alice(alice)
    ledger.grant(user=alice, amount=250, source="promo", source_ref="gift")

    def added_up(path: str) -> dict[str, str]:
        return dict(re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", operator.get(path).text))

    assert added_up("/admin/billing/grant/")["granted"] == "1,750"
    assert added_up("/admin/billing/grant/?source__exact=promo")["granted"] == "250"
    assert added_up("/admin/billing/hold/") == {"held at first": "100", "captured": "50"}
    assert added_up("/admin/billing/account/")["available"] == "1,660"


@pytest.mark.parametrize(
    ("filters", "found"),
    [("lane=cpu", 1), ("error_code=memory", 1), ("model=bundled", 3), ("size=1k", 3), ("size=4k", 0)],
)
def test_jobs_are_filtered_by_known_values(operator: Client, alice: User, filters: str, found: int) -> None:
    make_job(alice, lane="cpu", size="1k", model="bundled")
    make_job(alice, size="1k", model="bundled")
    make_job(alice, Job.State.FAILED, error_code="memory", size="1k", model="bundled")

    with CaptureQueriesContext(connection) as seen:
        response = operator.get(f"/admin/generation/job/?{filters}")

    assert response.context["cl"].result_count == found
    assert not [query for query in seen if "DISTINCT" in query["sql"] and "generation_job" in query["sql"]]


def test_the_first_id_of_a_moment_is_below_every_id_from_then_on() -> None:
    before = timezone.now()
    made = new_id()

    assert first_id(before) <= made < first_id(before + timedelta(minutes=1))
    assert first_id(before).version == 7


def test_dates_of_lists_are_written_as_everywhere_else(operator: Client, alice: User) -> None:
    make_job(alice, created_at=datetime(2026, 9, 1, 22, 5, tzinfo=UTC))

    assert "1 Sep 2026, 22:05 (UTC)" in operator.get("/admin/generation/job/").text
