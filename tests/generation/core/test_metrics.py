"""The operator's metrics come from the tables and need the token."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from generation.worker import lifecycle

from .conftest import Submit

pytestmark = pytest.mark.both_databases


def test_the_queue_and_its_workers_are_shown_with_the_token(
    alice: User, submit: Submit, client: Client, settings: Any
) -> None:
    settings.METRICS_TOKEN = "secret"
    submit(alice)
    lifecycle.beat("w", "gpu")
    response = client.get("/metrics", headers={"Authorization": "Bearer secret"})
    text = response.content.decode()
    assert 'image2_jobs{lane="gpu",state="queued"} 1.0' in text
    assert 'image2_workers{lane="gpu"} 1.0' in text
    assert "image2_oldest_queued_seconds" in text


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", "Bearer sécret"])
def test_nobody_else_sees_them(client: Client, settings: Any, sent: str) -> None:
    settings.METRICS_TOKEN = "secret"
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404
