"""Checks finished pictures in the worker, by an image classifier of the operator's, before anybody can see them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings

from generation.models import ModerationTotal
from generation.moderation import totals

log = structlog.get_logger(__name__)

# By name: the web process imports this module's neighbours, and must never import torch.
_CLASSIFIER: Final = "generation.moderation.classifier"
_one_at_a_time = threading.Lock()


class PictureRefused(Exception):
    """The classifier says that the picture shows what isn't made here."""


class PictureNotChecked(Exception):
    """The classifier failed, so the picture isn't shown to anybody."""


def are_checked() -> bool:
    """Whether there is a classifier. Previews would show what it hasn't seen, so then there are none."""
    return bool(settings.MODERATION_MODEL)


def check(picture: Path) -> None:
    """`picture` is a file of the finished one; a thumbnail is enough. Raises PictureRefused and PictureNotChecked."""
    if not are_checked():
        return
    try:
        scores = _scores(picture)
    except Exception as error:
        log.exception("moderation.picture_failed")
        raise PictureNotChecked from error
    for label, least in limits().items():
        if scores[label] >= least:
            totals.count(ModerationTotal.Stage.PICTURE, label)
            log.info("moderation.picture_refused", label=label)
            raise PictureRefused


def limits() -> Mapping[str, float]:
    """From MODERATION_LABELS ("nsfw=0.8,gore=0.9"): from which score on a label is refused. Raises ValueError."""
    pairs = [part.split("=") for part in settings.MODERATION_LABELS.split(",") if part.strip()]
    found = {label.strip(): float(least) for label, least in pairs}
    if not found or not all(0 < least <= 1 for least in found.values()):
        raise ValueError("no labels with scores between 0 and 1")
    return found


def look_at_classifier() -> None:
    """Raise ValueError where there is none in the folder, or it doesn't know the labels."""
    try:
        config = json.loads((Path(settings.MODERATION_MODEL) / "config.json").read_text("utf-8"))
        known = set(config["id2label"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    if unknown := sorted(limits().keys() - known):
        raise ValueError(f"it has no label {unknown[0]}")


def report() -> None:
    """Say in the log of a worker that starts when it can't check pictures: it will show none."""
    try:
        if are_checked():
            look_at_classifier()
    except ValueError as error:
        log.error("moderation.no_classifier", why=str(error))


def _scores(picture: Path) -> dict[str, float]:
    with _one_at_a_time:
        found: dict[str, float] = _classifier(settings.MODERATION_MODEL).scores(picture)
    return found


@cache
def _classifier(folder: str) -> Any:
    return import_module(_CLASSIFIER).Classifier(Path(folder))
