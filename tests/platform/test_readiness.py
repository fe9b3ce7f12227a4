"""``/readyz``: a worker that loads its model is alive, one that is silent is not, and the answer says which."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from generation.models import Worker
from generation.models.workers import SILENCE
from generation.worker import lifecycle
from tests.factories import log_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _broker() -> None:
    """The folder that a started site has."""
    (settings.HOME / "broker" / "messages").mkdir(parents=True, exist_ok=True)


def test_without_a_worker_the_site_is_not_ready_and_says_why(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "parts": {"database": True, "broker": True, "storage": True, "worker": False},
        "model": None,
    }


def test_in_production_only_staff_and_monitoring_see_the_parts(
    client: Client, alice: User, carol: User, settings: Settings
) -> None:
    settings.PRODUCTION, settings.METRICS_TOKEN = True, "secret"
    password_alone, staff = Client(), log_in_staff(Client(), carol)
    client.force_login(alice)
    password_alone.force_login(carol)

    for caller in (Client(), client, password_alone, Client(headers={"Authorization": "Bearer wrong"})):
        assert caller.get("/readyz").json() == {"status": "not ready"}
    for caller in (staff, Client(headers={"Authorization": "Bearer secret"})):
        assert caller.get("/readyz").json()["parts"]["worker"] is False


@pytest.mark.parametrize(("is_loading", "model"), [(True, "loading"), (False, "loaded")])
def test_a_live_worker_is_enough_and_the_answer_tells_whether_it_has_loaded(
    client: Client, is_loading: bool, model: str
) -> None:
    lifecycle.beat("w", "gpu", is_loading=is_loading)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["model"]) == (200, "ready", model)


def test_a_worker_that_fell_silent_is_not_alive(client: Client) -> None:
    lifecycle.beat("w", "gpu")
    Worker.objects.update(heartbeat_at=timezone.now() - 2 * SILENCE)
    assert client.get("/readyz").json()["parts"]["worker"] is False


def test_a_worker_of_short_work_does_not_draw(client: Client) -> None:
    lifecycle.beat("w", "cpu")
    assert client.get("/readyz").status_code == 503
