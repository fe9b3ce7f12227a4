"""The progress stream: a snapshot, every change, nobody else's jobs; over tables and over Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from django.urls import reverse

from accounts.models import User
from accounts.people import closing
from generation.engine.contract import Progress
from generation.jobs import cancellation, claim, progress
from generation.models import Job
from generation.views.jobs import stream
from image2.lib import pubsub
from tests import factories

from .conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["tables", "redis"])
def _source(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.param == "redis":
        settings.REDIS_URL = request.getfixturevalue("redis_url")
        pubsub.client.cache_clear()


async def _frames(client: AsyncClient) -> AsyncIterator[dict[str, Any]]:
    """The events of the stream, as a browser would read them."""
    response = await client.get(reverse("generation:job-stream"))
    assert response.headers["Content-Type"] == "text/event-stream", (response.status_code, response.headers)
    buffer = ""
    async for piece in response.streaming_content:  # type: ignore[attr-defined]  # a streaming response
        buffer += piece.decode()
        while "\n\n" in buffer:
            frame, _, buffer = buffer.partition("\n\n")
            lines = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
            if lines.get("event") == "job":
                event = json.loads(lines["data"])
                assert lines["id"] == f"{event['id']}:{event['revision']}"
                yield event


async def _next(frames: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    return await asyncio.wait_for(anext(frames), timeout=20)


@pytest.mark.usefixtures("_source")
def test_a_watcher_gets_a_snapshot_and_then_every_change(alice: User, bob: User, submit: Submit) -> None:
    job = submit(alice)
    submit(bob)

    async def watch() -> None:
        client = AsyncClient()
        await client.aforce_login(alice)
        frames = _frames(client)
        first = await _next(frames)
        assert (first["id"], first["state"], first["place"]) == (str(job.pk), "queued", 1)
        claimed = await sync_to_async(claim.claim)(lane="gpu", worker="w")
        assert claimed is not None
        assert claimed.pk == job.pk
        await sync_to_async(progress.report)(job.pk, Progress("drawing", 3, 25, 0, b"RIFF1234WEBP"))
        second = await _next(frames)
        assert (second["state"], second["stage"], second["step"], second["of"]) == (
            "running",
            "drawing",
            3,
            25,
        )
        assert second["revision"] > first["revision"]
        assert second["previews"] == [reverse("generation:preview", args=[job.pk, 0, 1])]
        await sync_to_async(claimed.finish)(Job.State.FAILED, error_code="memory")
        await sync_to_async(progress.close)(job.pk)
        last = await _next(frames)
        assert last["state"] == "failed"
        assert "You were not charged" in last["sentence"]
        await frames.aclose()  # type: ignore[attr-defined]  # an async generator

    asyncio.run(watch())


def test_a_job_that_ended_while_the_browser_was_offline_is_sent_on_reconnecting(
    alice: User, submit: Submit
) -> None:
    job = submit(alice)
    cancellation.cancel(user=alice, job=job)

    async def reconnect() -> None:
        client = AsyncClient()
        await client.aforce_login(alice)
        frames = _frames(client)
        assert (await _next(frames))["state"] == "cancelled"
        await frames.aclose()  # type: ignore[attr-defined]  # an async generator

    asyncio.run(reconnect())


def test_previews_are_the_owners(alice: User, bob: User, submit: Submit, client: Client) -> None:
    job = submit(alice)
    progress.report(job.pk, Progress("drawing", 1, 25, 0, b"RIFF1234WEBP"))
    address = reverse("generation:preview", args=[job.pk, 0, 1])
    assert client.get(address).status_code == 302
    client.force_login(bob)
    assert client.get(address).status_code == 404
    client.force_login(alice)
    response = client.get(address)
    assert (response.status_code, response["Content-Type"], response.content) == (
        200,
        "image/webp",
        b"RIFF1234WEBP",
    )


def test_a_stream_needs_a_login(client: Client) -> None:
    assert client.get(reverse("generation:job-stream")).status_code == 302


def log_out(user: User, browser: Client) -> None:
    browser.post("/accounts/logout/")


def close_the_account(user: User, browser: Client) -> None:
    closing.close(user)


def change_the_password(user: User, browser: Client) -> None:
    user.set_password("another long and good password")
    user.save()


@pytest.mark.parametrize("end", [log_out, close_the_account, change_the_password])
def test_a_stream_ends_with_the_session_that_opened_it(
    alice: User, client: Client, monkeypatch: pytest.MonkeyPatch, end: Callable[[User, Client], None]
) -> None:
    monkeypatch.setattr(stream, "RENEW_SECONDS", 0)
    monkeypatch.setattr(stream, "QUEUE_SECONDS", 0.05)
    client.post("/accounts/login/", {"login": alice.email, "password": factories.PASSWORD})

    async def watch() -> None:
        browser = AsyncClient()
        browser.cookies = client.cookies
        response: Any = await browser.get(reverse("generation:job-stream"))
        pieces = aiter(response.streaming_content)
        for _turn in range(4):  # it goes on while nothing happens
            await asyncio.wait_for(anext(pieces), timeout=20)
        await sync_to_async(end)(alice, client)
        async with asyncio.timeout(20):
            async for _piece in pieces:
                pass

    asyncio.run(watch())
