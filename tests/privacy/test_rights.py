"""/privacy/rights/ leads to every right, and a report of a picture reaches support with what it needs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from privacy.models import SupportMessage
from privacy.rights import catalogue

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

    row = SupportMessage.objects.get()
    assert (row.topic, row.user, row.email) == ("abuse", None, "dana@example.test")
    for said in ("https://example.test/stolen.png", "It copies a work", "Boats", "Dana"):
        assert said in row.message
        assert said in mail.outbox[0].body
    assert mail.outbox[0].reply_to == ["dana@example.test"]


@pytest.mark.parametrize("missing", ["where", "why", "name", "email", "good_faith", "kind"])
def test_what_is_missing_is_asked_for(report: Any, missing: str) -> None:
    answer = report(**{missing: ""})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set(answer.context["form"].errors) == {missing}
    assert not SupportMessage.objects.exists()


def test_a_report_about_a_child_needs_no_name(report: Any) -> None:
    assert report(kind="child", name="", email="").status_code == HTTPStatus.FOUND

    assert SupportMessage.objects.get().email == ""
    assert mail.outbox[0].reply_to == []


@pytest.mark.parametrize(
    "changed", [{"where": "x" * 1001}, {"why": "a\x00b"}, {"email": "x"}, {"kind": "ugly"}]
)
def test_bad_input_is_a_form_error(report: Any, changed: dict[str, str]) -> None:
    assert report(**changed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_eleventh_report_within_an_hour_has_to_wait(report: Any) -> None:
    answers = [report().status_code for _number in range(11)]

    assert answers[-1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert SupportMessage.objects.count() == 10


def test_reports_are_no_topic_of_the_ordinary_form(client: Client) -> None:
    assert 'value="abuse"' not in client.get("/support/").text
    assert "/support/report/" in client.get("/support/").text
