"""Progress as server-sent events: one stream a person, from Redis at scale, from one poller a process otherwise."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from generation import fair_shares
from generation.jobs import progress
from generation.models import Job, JobPreview
from image2.lib import pubsub
from image2.lib.http import sessions
from image2.lib.http.access import Caller, allow

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 15
POLL_SECONDS = 0.3
# A waiting job's place and estimate change without anything happening to the job itself.
QUEUE_SECONDS = 5
# Jobs that ended while a browser was reconnecting are sent once more.
JUST_ENDED = timedelta(seconds=60)
# A change is stamped before it is committed, so each poll looks a little further back than the one before.
OVERLAP = timedelta(seconds=1)
# A client that doesn't read is disconnected; its browser connects again and starts from a snapshot.
MAX_UNREAD = 200
# A stream counts against its person's share for 90 seconds at a time. It ends when its session has ended since.
RENEW_SECONDS = 30


@allow(Caller.PERSON)
async def events(request: HttpRequest) -> StreamingHttpResponse:
    """``text/event-stream`` of this person's jobs: first a snapshot of live ones, then every change."""
    user = await request.auser()
    assert isinstance(user, User)  # declared for a person
    turn = await sync_to_async(fair_shares.take)("stream", caller=user.pk)
    response = StreamingHttpResponse(
        _stream(user, request.session.session_key, turn), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@require_safe
@allow(Caller.PERSON)
def preview(request: HttpRequest, job_id: UUID, index: int, number: int) -> HttpResponse:
    """The newest preview of one picture of a live job, WebP; ``number`` only makes each address new. Strangers: 404."""
    mine = JobPreview.objects.filter(job__in=Job.objects.visible_to(request.user))
    row = mine.filter(job_id=job_id, index=index).first()
    if row is None:
        raise Http404
    response = HttpResponse(bytes(row.image), content_type="image/webp")
    response["Cache-Control"] = "private, max-age=60"
    return response


async def _stream(user: User, session_key: str | None, turn: fair_shares.Held) -> AsyncIterator[str]:
    renewed = time.monotonic()
    async with _giving_back(turn), _watch(user.pk) as queue:
        yield "retry: 2000\n\n"
        for event in await _snapshot(user):
            yield _frame(event)
        while True:
            if time.monotonic() - renewed > RENEW_SECONDS:
                renewed = time.monotonic()
                if not await sync_to_async(sessions.still_signs_in)(session_key, user):
                    return
                await sync_to_async(turn.renew)()
            try:
                event = await asyncio.wait_for(queue.get(), timeout=QUEUE_SECONDS)
                yield _frame(event)
            except TimeoutError:
                waiting = await _waiting(user)
                for event in waiting:
                    yield _frame(event)
                if not waiting:
                    # A comment: it keeps proxies from closing the stream, and shows when the client has disconnected.
                    yield ": still here\n\n"


def _frame(event: dict[str, Any]) -> str:
    return f"event: job\nid: {event['id']}:{event['revision']}\ndata: {json.dumps(event)}\n\n"


@sync_to_async
def _snapshot(user: User) -> list[dict[str, Any]]:
    mine = Job.objects.visible_to(user).select_related("progress")
    ended = mine.filter(finished_at__gt=timezone.now() - JUST_ENDED)
    return [progress.event(job) for job in [*ended, *mine.live()]]


@sync_to_async
def _waiting(user: User) -> list[dict[str, Any]]:
    mine = Job.objects.visible_to(user).select_related("progress")
    return [progress.event(job) for job in mine.filter(state=Job.State.QUEUED)]


@asynccontextmanager
async def _giving_back(turn: fair_shares.Held) -> AsyncIterator[None]:
    try:
        yield
    finally:
        # Shielded: the browser has left, and what ends the stream must not end this as well.
        await asyncio.shield(sync_to_async(turn.release)())


@asynccontextmanager
async def _watch(owner_id: UUID) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
    source = _subscribed(owner_id) if pubsub.configured() else _polled(owner_id)
    async with source as queue:
        yield queue


# --- Redis -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _subscribed(owner_id: UUID) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_UNREAD)
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(pubsub.PREFIX + progress.channel(owner_id))

        async def forward() -> None:
            async for message in subscription.listen():
                queue.put_nowait(json.loads(message["data"]))

        task = asyncio.create_task(forward())
        try:
            yield queue
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, asyncio.QueueFull, redis.RedisError):
                await task


# --- the embedded default -------------------------------------------------------------------------------------


class Poller:
    """One a process: reads what changed since its last read, for the people who watch; stops when nobody does."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[asyncio.Queue[dict[str, Any]]]] = {}
        self._sent: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, owner_id: UUID, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self._watchers.setdefault(owner_id, set()).add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def remove(self, owner_id: UUID, queue: asyncio.Queue[dict[str, Any]]) -> None:
        queues = self._watchers.get(owner_id, set())
        queues.discard(queue)
        if not queues:
            self._watchers.pop(owner_id, None)

    async def _run(self) -> None:
        since = timezone.now()
        while self._watchers:
            await asyncio.sleep(POLL_SECONDS)
            now = timezone.now()
            try:
                changed = await _changed(list(self._watchers), since - OVERLAP)
            except Exception:
                log.warning("streams.poll_failed", exc_info=True)
                continue
            since = now
            fresh = [
                (owner, event) for owner, event in changed if self._sent.get(event["id"]) != event["revision"]
            ]
            # A repeat can only come from the poll just before, so that one is all that is remembered.
            self._sent = {event["id"]: event["revision"] for _owner, event in changed}
            for owner_id, event in fresh:
                for queue in self._watchers.get(owner_id, ()):
                    with suppress(asyncio.QueueFull):
                        queue.put_nowait(event)


_poller = Poller()


@asynccontextmanager
async def _polled(owner_id: UUID) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_UNREAD)
    _poller.add(owner_id, queue)
    try:
        yield queue
    finally:
        _poller.remove(owner_id, queue)


@sync_to_async
def _changed(owner_ids: list[UUID], since: Any) -> list[tuple[UUID, dict[str, Any]]]:
    rows = Job.objects.filter(owner_id__in=owner_ids, progress__updated_at__gte=since)
    jobs = rows.select_related("progress")
    return [(job.owner_id, progress.event(job)) for job in jobs]
