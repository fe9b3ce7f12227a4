"""A person sees what is left, every line with the balance after it, and nobody else's."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.ledger import meanings
from billing.ledger.meanings import Meaning
from billing.ledger.statement import csv_text
from tests import factories

pytestmark = pytest.mark.django_db


def spend(user: User, ref: str, amount: int = 4, charged: int = 3) -> None:
    ledger.hold(user=user, amount=amount, ref=ref)
    ledger.capture(ref=ref, amount=charged)


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/credits/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_without_credits_the_page_says_so_and_what_comes_here(hers: Client) -> None:
    assert "No credits yet" in page(hers)


def test_a_person_sees_what_is_left_and_until_when(alice: User, hers: Client) -> None:
    end = datetime(2090, 5, 6, tzinfo=UTC)
    ledger.grant(user=alice, amount=30, source="plan", source_ref="p", expires_at=end)
    ledger.grant(user=alice, amount=1000, source="pack", source_ref="q")
    ledger.hold(user=alice, amount=7, ref="job:1")
    shown = page(hers)
    assert "1,023" in shown
    assert "until <local-time" in shown
    assert "6 May 2090 (UTC)" in shown
    assert "never expire" in shown
    assert "7 reserved" in shown


def test_every_line_shows_what_it_was_for_and_the_balance_after_it(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        meanings, "_explainers", {"job": lambda refs: {r: Meaning("two boats", "/jobs/1/") for r in refs}}
    )
    ledger.grant(user=alice, amount=10, source="welcome", source_ref="welcome:x")
    spend(alice, "job:1")
    shown = page(hers)
    assert "Welcome credits" in shown
    assert '<a class="link" href="/jobs/1/">two boats</a>' in shown
    assert "+10" in shown
    assert re.search(r">\s*-4\s*<", shown)


def test_lines_come_in_pages_that_never_skip_one(alice: User, hers: Client) -> None:
    for number in range(60):
        ledger.grant(
            user=alice, amount=1, source="promo", source_ref=f"n{number}", reason=f"number {number};"
        )
    first = page(hers)
    assert "number 59;" in first
    assert "number 9;" not in first
    assert "before=11" in first
    rest = page(hers, "?before=11")
    assert "number 9;" in rest
    assert "number 0;" in rest


def test_lines_can_be_filtered_by_month(alice: User, hers: Client) -> None:
    ledger.grant(user=alice, amount=1, source="promo", source_ref="n", reason="this month")
    now = timezone.localtime()
    before = now.replace(day=1) - timedelta(days=1)
    assert "this month" in page(hers, f"?month={now:%Y-%m}")
    assert "There were no transactions in this month" in page(hers, f"?month={before:%Y-%m}")


@pytest.mark.parametrize("query", ["?month=never", "?before=x", "?before=-1", "?month=2026-13&before="])
def test_invalid_values_in_the_url_show_everything(alice: User, hers: Client, query: str) -> None:
    ledger.grant(user=alice, amount=1, source="promo", source_ref="n", reason="a gift")
    assert "a gift" in page(hers, query)


def test_frozen_and_indebted_people_see_why(alice: User, hers: Client) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p")
    spend(alice, "job:1")
    ledger.refund(source_ref="p", amount=10, ref="re")
    ledger.freeze(user=alice, ref="dp")
    shown = page(hers)
    assert "3 credits were refunded after you had spent them" in shown
    assert "A payment is being disputed" in shown


def test_the_lines_can_be_taken_away_as_a_file(alice: User, hers: Client) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p", reason="=HYPERLINK(1)")
    spend(alice, "job:1")
    response = hers.get("/credits/lines.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert response["Content-Disposition"] == 'attachment; filename="credits.csv"'
    assert [(row["number"], row["kind"], row["change"], row["available"]) for row in rows] == [
        ("3", "capture", "1", "7"),
        ("2", "hold", "-4", "6"),
        ("1", "grant", "10", "10"),
    ]
    assert rows[2]["reason"] == "'=HYPERLINK(1)"  # no spreadsheet runs it


def test_an_empty_file_has_its_heading() -> None:
    assert csv_text([]).startswith("number,time,kind")


def test_a_stranger_sees_nothing_of_it(alice: User) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p", reason="only hers")
    client = Client()
    client.force_login(factories.make_bob())
    assert "only hers" not in page(client)
    assert "only hers" not in client.get("/credits/lines.csv").content.decode()


def test_nobody_is_sent_to_the_log_in_page(db: None) -> None:
    assert Client().get("/credits/").status_code == 302


def test_frozen_credits_and_a_debt_are_said_on_the_page(alice: User, hers: Client) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="q")
    spend(alice, "job:1", amount=8, charged=8)
    assert "on hold" not in page(hers)
    ledger.refund(source_ref="q", amount=10, ref="re")
    ledger.freeze(user=alice, ref="dp:1")
    shown = page(hers)
    assert "Your credits are on hold." in shown
    assert "8 credits were refunded after you had spent them" in shown
    ledger.unfreeze(ref="dp:1")
    assert "on hold" not in page(hers)
