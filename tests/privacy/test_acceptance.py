"""A version that must be accepted stands between a signed-in person and the pages, and nowhere else."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import PolicyAcceptance, User
from privacy.policy import shipped
from tests.privacy.test_policy import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_a_person_who_accepted_goes_on(hers: Client) -> None:
    assert hers.get("/history/").status_code == HTTPStatus.OK


def test_a_new_version_that_needs_agreement_asks_first_and_then_leads_back(hers: Client, alice: User) -> None:
    publish("next", days=-0.001, requires_acceptance=True)

    asked = hers.get("/history/?q=boat")
    assert asked.headers["Location"] == "/privacy/accept/?next=%2Fhistory%2F%3Fq%3Dboat"
    assert "Something is new." in hers.get(asked.headers["Location"]).text

    response = hers.post("/privacy/accept/", {"version": "next", "next": "/history/?q=boat", "age": "on"})
    assert response.headers["Location"] == "/history/?q=boat"
    assert PolicyAcceptance.objects.filter(user=alice, version="next").count() == 1
    assert hers.get("/history/").status_code == HTTPStatus.OK


def test_a_version_without_the_need_to_agree_stops_nobody(hers: Client) -> None:
    publish("next", days=-0.001)

    assert hers.get("/history/").status_code == HTTPStatus.OK


def test_a_version_that_is_coming_stops_nobody_yet(hers: Client) -> None:
    publish("next", days=14, requires_acceptance=True)

    assert hers.get("/history/").status_code == HTTPStatus.OK


def test_somebody_who_accepted_a_later_version_is_not_asked_for_an_earlier_one(
    hers: Client, alice: User
) -> None:
    publish("next", days=-0.002, requires_acceptance=True)
    publish("later", days=-0.001)
    PolicyAcceptance.objects.create(user=alice, version="later")

    assert hers.get("/history/").status_code == HTTPStatus.OK


def test_a_form_that_was_sent_is_not_lost_in_silence(hers: Client) -> None:
    publish("next", days=-0.001, requires_acceptance=True)

    assert hers.post("/create/", {"prompt": "x"}).headers["Location"] == "/privacy/accept/?next=%2F"


def test_a_fragment_says_what_is_asked_and_leads_nobody_away(hers: Client) -> None:
    publish("next", days=-0.001, requires_acceptance=True)

    response = hers.get("/history/", headers={"hx-request": "true"})
    assert response.status_code == HTTPStatus.CONFLICT
    assert "HX-Redirect" not in response.headers
    assert json.loads(response.headers["HX-Trigger"])["toast"]["link"]["href"] == "/privacy/accept/"


def test_accepting_another_version_than_the_one_asked_for_accepts_nothing(hers: Client, alice: User) -> None:
    publish("next", days=-0.001, requires_acceptance=True)

    another = {"version": str(shipped.NEWEST.number), "age": "on"}
    assert hers.post("/privacy/accept/", another).status_code == HTTPStatus.OK
    assert not PolicyAcceptance.objects.filter(user=alice, version="next").exists()


def test_nobody_is_led_to_another_site(hers: Client) -> None:
    publish("next", days=-0.001, requires_acceptance=True)

    response = hers.post(
        "/privacy/accept/", {"version": "next", "next": "https://evil.example/", "age": "on"}
    )
    assert response.headers["Location"] == "/"
