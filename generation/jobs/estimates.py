"""A job's place in the queue and its remaining time: a range from measured runs, or nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.core.cache import caches
from django.db.models import Q

from generation.models import Job, Worker

# With fewer finished jobs of that model and size, an estimate would be a guess.
LEAST_SAMPLES = 5
SAMPLES = 40
_LOW, _HIGH = 0.1, 0.9
_REMEMBERED_SECONDS = 15
_IN_ORDER = ("loading", "drawing", "upscaling", "enhancing", "encoding")
# Kinds that take as long as one another; each of the others is measured alone.
_LIKE_DRAWING = ("text_to_image", "image_to_image", "variation")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until the job is done, as a range: nine of ten past jobs of its kind lay within."""

    low_seconds: int
    high_seconds: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds one picture of a model and size took: a low and a high quantile, and each stage's share of the whole."""

    low: float
    high: float
    shares: dict[str, float]


def place(job: Job) -> int | None:
    """Return the place in the queue, 1 being next; None when the job does not wait.

    Counted by age. The claim query is fairer than that (it takes turns between people), so a person with one job never
    waits longer than this because of somebody with many.
    """
    if job.state != Job.State.QUEUED:
        return None
    older = Q(created_at__lt=job.created_at) | Q(created_at=job.created_at, id__lt=job.id)
    return Job.objects.filter(older, state=Job.State.QUEUED, lane=job.lane).count() + 1


def is_loading(lane: str) -> bool:
    """Whether every live worker of this lane still loads its model; False when there is none."""
    alive = Worker.objects.alive().filter(lane=lane)
    return alive.exists() and not alive.loaded().exists()


def estimate(job: Job) -> Estimate | None:
    """Return how long a live job will still take, waiting included; None (unknown) before LEAST_SAMPLES samples."""
    if not job.is_live:
        return None
    found = pace(job.model, job.size, job.kind, has_detail="enhance" in job.request)
    if found is None:
        return None
    if job.state == Job.State.RUNNING:
        left = (1 - _done_share(job, found)) * job.count
        return _range(left * found.low, left * found.high)
    low = high = 0.0
    ahead = Job.objects.filter(state__in=Job.LIVE, lane=job.lane, created_at__lt=job.created_at)
    asked = ("model", "size", "kind", "count", "request__enhance")
    for model, size, kind, count, enhance in ahead.values_list(*asked)[:200]:
        other = pace(model, size, kind, has_detail=bool(enhance)) or found
        low, high = low + count * other.low, high + count * other.high
    workers = max(1, Worker.objects.alive().filter(lane=job.lane).count())
    return _range(low / workers + job.count * found.low, high / workers + job.count * found.high)


def _range(low: float, high: float) -> Estimate:
    return Estimate(max(0, math.floor(low)), max(1, math.ceil(high)))


def _done_share(job: Job, pace: Pace) -> float:
    """How much of the whole job is done, 0 to 1, from its stage and step and the usual share of each stage."""
    progress = job.progress
    done = 0.0
    for stage, share in pace.shares.items():
        if stage == progress.stage:
            per_picture = (progress.step / progress.of) if progress.of else 0.0
            whole = per_picture if stage == "drawing" else (progress.picture + per_picture) / job.count
            return min(1.0, done + share * whole)
        done += share
    return 0.0


def pace(model: str, size: str, kind: str, *, has_detail: bool = False) -> Pace | None:
    """Return what a picture took lately, with detail added or without; None before LEAST_SAMPLES samples."""
    group = _LIKE_DRAWING if kind in _LIKE_DRAWING else (kind,)
    key = f"pace:{model}:{size}:{group[0]}:{has_detail}"
    found: Pace | str | None = caches["forgetful"].get(key)
    if found is None:
        found = _measure(model, size, group, has_detail=has_detail) or "unknown"
        caches["forgetful"].set(key, found, _REMEMBERED_SECONDS)
    return found if isinstance(found, Pace) else None


def _measure(model: str, size: str, kinds: tuple[str, ...], *, has_detail: bool) -> Pace | None:
    done = Job.objects.filter(model=model, size=size, kind__in=kinds, state=Job.State.DONE)
    detailed = Q(stage_seconds__has_key="enhancing")
    done = done.filter(detailed if has_detail else ~detailed)
    newest = done.order_by("-finished_at")[:SAMPLES]
    runs = [(stages, count) for stages, count in newest.values_list("stage_seconds", "count") if stages]
    if len(runs) < LEAST_SAMPLES:
        return None
    seconds = sorted(sum(stages.values()) / count for stages, count in runs)
    total = sum(sum(stages.values()) for stages, _count in runs)
    shares: dict[str, float] = {}
    for stages, _count in runs:
        for stage, took in stages.items():
            shares[stage] = shares.get(stage, 0.0) + took / total
    ordered: dict[str, float] = {stage: shares[stage] for stage in _IN_ORDER if stage in shares}
    return Pace(_quantile(seconds, _LOW), _quantile(seconds, _HIGH), ordered)


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
