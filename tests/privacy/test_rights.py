"""/privacy/rights/ leads to every right, and a report of a picture reaches support with what it needs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from privacy.models import Ticket
from privacy.rights import catalogue
from privacy.support import conversation, mailing

pytestmark = pytest.mark.django_db
REPORT = {
    "where": "https://example.test/stolen.png",
    "kind": "rights",
    "why": "It copies my painting “Boats”.",
    "name": "Dana",
    "email": "dana@example.test",
    "good_faith": "on",
}


def test_every_article_of_the_law_has_a_place() -> None:
    assert {right.article for right in catalogue.RIGHTS} >= {str(article) for article in range(15, 23)}
    assert all(right.ways for right in catalogue.RIGHTS)


def test_every_way_leads_somewhere(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get("/privacy/rights/").text

    for right in catalogue.RIGHTS:
        for way in right.ways:
            assert f'href="{way.url}"'.replace("&", "&amp;") in page
            assert client.get(way.url.partition("#")[0]).status_code == HTTPStatus.OK, way.url


def test_the_policy_and_the_footer_lead_there_also_for_visitors(client: Client) -> None:
    assert client.get("/privacy/").text.count('href="/privacy/rights/"') >= 2
    assert client.get("/privacy/rights/").status_code == HTTPStatus.OK


@pytest.fixture
def report(client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    def post(**changed: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/support/report/", {**REPORT, **changed})

    return post


def test_anybody_can_report_a_picture_and_the_operator_gets_what_is_needed(report: Any) -> None:
    assert report().status_code == HTTPStatus.FOUND

    row = Ticket.objects.get()
    assert (row.category, row.user, row.email) == ("abuse", None, "dana@example.test")
    for said in ("https://example.test/stolen.png", "It copies a work", "Boats", "Dana"):
        assert said in row.messages.get().text
        assert said in mail.outbox[0].body
    assert "dana@example.test" in mail.outbox[0].body


@pytest.mark.parametrize("missing", ["where", "why", "name", "email", "good_faith", "kind"])
def test_what_is_missing_is_asked_for(report: Any, missing: str) -> None:
    answer = report(**{missing: ""})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {missing}
    assert not Ticket.objects.exists()


def test_a_report_about_a_child_needs_no_name(report: Any) -> None:
    assert report(kind="child", name="", email="").status_code == HTTPStatus.FOUND

    assert Ticket.objects.get().email == ""


def test_an_answer_to_a_report_without_an_address_stays_on_the_page(report: Any, carol: User) -> None:
    report(kind="child", name="", email="")
    said = conversation.answer(ticket=Ticket.objects.get(), by=carol, text="It is gone.")
    mailing.send(said.pk)
    said.refresh_from_db()
    assert (len(mail.outbox), said.mailed_at) == (1, None)


@pytest.mark.parametrize(
    "changed", [{"where": "x" * 1001}, {"why": "a\x00b"}, {"email": "x"}, {"kind": "ugly"}]
)
def test_bad_input_is_a_form_error(report: Any, changed: dict[str, str]) -> None:
    assert report(**changed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_eleventh_report_within_an_hour_has_to_wait(report: Any) -> None:
    answers = [report().status_code for _number in range(11)]

    assert answers[-1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Ticket.objects.count() == 10


def test_reports_are_no_topic_of_the_ordinary_form(client: Client) -> None:
    assert 'value="abuse"' not in client.get("/support/").text
    assert "/support/report/" in client.get("/support/").text
