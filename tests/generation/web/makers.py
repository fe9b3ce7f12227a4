"""Rows that the pages show: jobs in every state, pictures with thumbnails, long ago or just now."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from generation.models import File, Job, JobProgress, Picture
from generation.requests.request import GenerationRequest
from generation.search import pieces
from tests.generation import requesting

_number = itertools.count()
LONG_AGO = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_request(**changes: Any) -> GenerationRequest:
    return requesting.a_request(**{"shape": "3:2"} | changes)


def make_picture(owner: User, *, minutes: int = 0, thumbnails: bool = True, **fields: Any) -> Picture:
    """A picture that is ``minutes`` younger than the oldest one, with the rows of its files (no bytes behind them)."""
    request = a_request(prompt=fields.pop("prompt", "a red sailboat on a calm sea"))
    values: dict[str, Any] = {
        "prompt": request.prompt,
        "search_text": pieces.search_text(request.prompt),
        "model": request.model,
        "seed": request.seed,
        "width": 1024,
        "height": 682,
        "created_at": LONG_AGO + timedelta(minutes=minutes),
        "recipe": {
            "version": 1,
            "request": request.to_json(),
            "seed": request.seed,
            "model": {"id": request.model, "revision": "sha256:0123456789abcdef"},
            "batch": 1,
            "stages": [
                {"stage": "base", "width": 192, "height": 128},
                {"stage": "upscale", "scaler": "lanczos"},
            ],
            "libraries": {"torch": "2.13.0"},
        },
    }
    picture = Picture.objects.create(owner=owner, **values | fields)
    if thumbnails:
        roles = [(File.Role.THUMB_256, 256), (File.Role.THUMB_512, 512), (File.Role.THUMB_1024, 1024)]
        File.objects.bulk_create(_file(picture, role, side) for role, side in roles)
    return picture


def make_job(owner: User, state: Job.State = Job.State.QUEUED, **fields: Any) -> Job:
    """A job without a hold: for pages that only show it."""
    request = fields.pop("request", None) or a_request()
    ended = state not in Job.LIVE
    values: dict[str, Any] = {
        "idempotency_key": f"made-{next(_number)}",
        "kind": request.kind,
        "model": request.model,
        "size": request.size,
        "request": request.to_json(),
        "count": request.count,
        "price": 1,
        "state": state,
        "error_code": "model" if state == Job.State.FAILED else "",
        "finished_at": timezone.now() if ended else None,
        "lease_until": timezone.now() + timedelta(minutes=1) if state == Job.State.RUNNING else None,
    }
    job = Job.objects.create(owner=owner, **values | fields)
    JobProgress.objects.create(job=job)
    return job


def _file(picture: Picture, role: File.Role, side: int) -> File:
    number = next(_number)
    return File(
        picture=picture,
        role=role,
        format="webp",
        key=f"test/{picture.pk}/{role}-{number}",
        sha256="0" * 64,
        bytes=1000,
        width=side,
        height=side * 2 // 3,
    )
