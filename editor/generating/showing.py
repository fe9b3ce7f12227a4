"""Orders of a document as its page gets them: how far they are, what became of them, and the addresses for more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from editor import generations
from editor.generating.asking import Asked
from editor.generating.tools import Gives
from editor.models import Document, Generation
from generation.jobs import progress
from generation.models import Job, Picture
from generation.requests import catalogue

MOST: Final = 60
State = Generation.State
_NOTHING_YET: Final = {"stage": "", "step": 0, "of": 0, "place": None, "eta": None, "previews": []}


def listed(document: Document) -> list[dict[str, Any]]:
    """Return the orders that the page shows, newest first."""
    rows = document.generations.filter(removed_at=None).exclude(state=State.CANCELLED)
    # What was clicked becomes a selection at once, or is forgotten.
    rows = rows.exclude(tool="segment")
    rows = rows.exclude(Q(job__isnull=True) & Q(state=State.SUBMITTED))
    found = list(
        rows.select_related("document__owner", "job__progress").order_by("-created_at", "-pk")[:MOST]
    )
    shown = _shown(document, found)
    # A cancelled one without a picture has nothing to tell.
    return [order for order in shown if order["results"] or order["state"] not in ("done", "cancelled")]


def shown(generation: Generation) -> dict[str, Any]:
    return _shown(generation.document, [generation])[0]


def result(generation: Generation, picture: Picture) -> dict[str, Any]:
    """Return one result. It is named as every picture is in a request."""
    about = [generation.document_id, generation.uid, picture.index]
    files = {
        name: reverse("generation:picture-file", args=[picture.pk, role])
        for name, role in (("thumbnail", "thumb256"), ("large", "thumb1024"), ("master", "master"))
    }
    return {
        "reference": f"picture:{picture.pk}",
        "index": picture.index,
        "width": picture.width,
        "height": picture.height,
        **files,
        "kept": picture.kept,
        "used": picture.index in generation.used,
        "use": reverse("editor:result-use", args=about),
        "keep": reverse("editor:result-keep", args=about),
        "remove": reverse("editor:result-remove", args=about),
        "restore": reverse("editor:result-restore", args=about),
    }


def gives(generation: Generation, asked: Asked) -> Gives:
    """Return what «Use» makes of a result. What was ordered before instructions became layers is a document."""
    is_older = generation.job_id is not None and generation.place is None
    return "document" if asked.gives == "layer" and is_older else asked.gives


def _shown(document: Document, found: list[Generation]) -> list[dict[str, Any]]:
    results: dict[Any, list[Picture]] = {}
    for picture in generations.pictures_of(document, found):
        results.setdefault(picture.job_id, []).append(picture)
    return [_order(each, results.get(each.job_id, []) if each.job_id else []) for each in found]


def _order(generation: Generation, pictures: Iterable[Picture]) -> dict[str, Any]:
    asked, job = Asked.from_json(generation.asked), generation.job
    is_live = generations.is_live(generation)
    address = [generation.document_id, generation.uid]
    event = progress.event(job) if job else {**_NOTHING_YET, "sentence": generation.sentence}
    return {
        "id": str(generation.uid),
        "url": reverse("editor:order", args=address),
        "tool": generation.tool,
        "operation": str(generation.operation),
        "words": asked.words,
        "model": {"id": generation.model, "label": _label(generation.model)},
        "variants": asked.variants,
        "strength": asked.strength,
        "price": generation.price,
        "gives": gives(generation, asked),
        "of_selection": asked.is_of_selection,
        "state": job.state if job else generation.state,
        "job": str(job.pk) if job else None,
        **{name: event[name] for name in (*_NOTHING_YET, "sentence")},
        "charged": _charged(generation, job, len(list(pictures))),
        "box": generation.box,
        "place_of_result": generation.place,
        "canvas": _canvas(asked),
        "created_at": generation.created_at.isoformat(),
        "until": (generation.created_at + timedelta(days=settings.RESULT_DAYS)).isoformat(),
        "cancel": reverse("editor:order-cancel", args=address) if is_live else None,
        "remove": None if is_live else reverse("editor:order-remove", args=address),
        "results": [result(generation, picture) for picture in pictures],
    }


def _charged(generation: Generation, job: Job | None, pictures: int) -> int:
    """What an ended order cost: each picture that was made, and nothing else."""
    if job is None or job.is_live or not job.count:
        return 0
    return (
        generation.price // job.count * pictures if job.error_code or job.state == "cancelled" else job.price
    )


def _canvas(asked: Asked) -> dict[str, int] | None:
    return dict(zip(("width", "height", "dx", "dy"), asked.canvas, strict=True)) if asked.canvas else None


def _label(model: str) -> str:
    try:
        return catalogue.get(model).label
    except catalogue.UnknownModel:
        return model
