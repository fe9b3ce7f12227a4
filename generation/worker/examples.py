"""Draw the example picture of a model in the worker, by the engine that draws everybody's."""

from __future__ import annotations

import tempfile
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from PIL import Image

from generation import examples
from generation.engine.contract import (
    NOTHING,
    AcceleratorFailed,
    Cancelled,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
    Sources,
)
from generation.moderation import pictures
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.worker import reporting
from generation.worker.run import ProcessSpent
from image2.lib.processes import stopping

log = structlog.get_logger(__name__)

# Of the thumbnails that every picture gets, by long side: a card is at most 300 px wide, twice that on a fine screen.
_SIDE: Final = 512
# What a row has room for; the recipe's is longer for a model with options.
_LONGEST_REVISION: Final = 100


def draw(model: str, token: str) -> None:
    """Draw and store it between two jobs, and answer who asked. Called by Celery.

    Raises ProcessSpent when the device failed.
    """
    try:
        _draw(catalogue.get(model))
    except Exception as error:
        log.warning("example.not_drawn", model=model, exc_info=True)
        reporting.not_drawn(model, error)
        if isinstance(error, OutOfMemory | AcceleratorFailed):
            raise ProcessSpent from error
    else:
        reporting.worked(model)
        log.info("example.drawn", model=model)
    finally:
        reporting.answer(model, token)
        reporting.report()


def _draw(entry: Entry) -> None:
    asked = examples.request(entry).validated()
    with tempfile.TemporaryDirectory(dir=settings.HOME / "work") as name:
        drawn = _produced(entry, asked, Path(name))
        thumbnail = drawn.thumbnails[_SIDE]
        _check(thumbnail)
        with Image.open(thumbnail) as picture:
            size = picture.size
        weights = str(drawn.recipe["model"]["revision"])[:_LONGEST_REVISION]
        examples.keep(entry, weights=weights, asked=asked, image=thumbnail.read_bytes(), size=size)


def _check(picture: Path) -> None:
    """As every picture that somebody sees. Raises NoExample."""
    try:
        pictures.check(picture)
    except pictures.PictureRefused as error:
        raise examples.NoExample("the classifier of finished pictures refused what it drew") from error
    except pictures.PictureNotChecked as error:
        raise examples.NoExample(
            "the classifier of finished pictures failed; see the worker's log"
        ) from error


def _produced(entry: Entry, asked: GenerationRequest, folder: Path) -> ProducedPicture:
    order = PictureOrder(asked, 0, asked.seed)
    drawing = import_module(reporting.ENGINE).produce(
        [order], entry, sources=_sources(asked, folder), workdir=folder, on_progress=_stop_when_asked
    )
    with closing(drawing) as produced:
        found: ProducedPicture = next(produced)
    return found


def _sources(asked: GenerationRequest, folder: Path) -> Sources:
    """What it starts from: the shipped picture, in the form in which the engine gets every picture."""
    if asked.reference is None:
        return NOTHING
    file = folder / "source-0.png"
    with Image.open(examples.shipped_file()) as picture:
        picture.convert("RGB").save(file)
    return Sources(reference=file)


def _stop_when_asked(_progress: Progress) -> None:
    """Raises Cancelled in a worker that is stopped: nobody waits for this picture but the operator."""
    if stopping.requested():
        raise Cancelled("the worker was stopped")
