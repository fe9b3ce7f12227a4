"""Files that a worker makes of a document, kept for a day: a project, and what other programs open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.people import preferences
from editor import assets, exporting, runs
from editor.files import openraster, parts, project, psd, timelapse
from editor.files.words import with_words
from editor.models import Asset, Document, Run
from editor.replay.document import Document as Replayed
from editor.replay.layers import walk
from generation.requests import marking

Progress = Callable[[int, int], None]
_LONGEST_NAME: Final = 60
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: what it is called, and the ending of its name."""

    name: str
    label: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made, and what of the document it does not hold as it is; empty when all of it."""

    path: Path
    note: str = ""


class Failed(Exception):
    """There is no such file of this document. `sentence` is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


FILM: Final = "timelapse"
FORMATS: Final = {
    each.name: each
    for each in (
        Format("image2", gettext_lazy("Project file"), "image2"),  # type: ignore[arg-type]
        Format("psd", "Photoshop", "psd"),
        Format("ora", "OpenRaster", "ora"),
        Format(FILM, gettext_lazy("Time-lapse"), "webp"),  # type: ignore[arg-type]
    )
}


def make(run: Run, state: Replayed, folder: Path, on_progress: Progress) -> Made:
    """Write the file that a run asks for. Raises Failed."""
    rendered = exporting.render(state, folder, on_progress)
    if run.format == "image2":
        try:
            return Made(project.write(run.document, run.operation, rendered, folder, on_progress))
        except project.TooLarge as large:
            raise Failed(large.sentence) from None
    recipe = exporting.recipe_of(run.document, run.operation, rendered.digest)
    wanted = preferences.of(run.document.owner).recipe_in_downloads
    if run.format == "psd":
        prepared = parts.for_photoshop(state)
        path = folder / "layers.psd"
        psd.write(
            path,
            state.size,
            prepared.parts,
            rendered,
            with_words(marking.xmp_packet(recipe, include_recipe=wanted), state.layers),
            on_progress,
        )
    else:
        prepared = parts.for_openraster(state)
        path = folder / "layers.ora"
        chunks = marking.png_chunks(recipe, include_recipe=wanted)
        openraster.write(path, state.size, prepared.parts, rendered, chunks, folder, on_progress)
    return Made(path, " ".join(filter(None, (_note(prepared.drawn), _note_of_texts(run, state)))))


def film(run: Run, folder: Path, on_progress: Progress) -> Made:
    """Write how the document came to be, from its first step on: it needs no picture first. Raises Failed."""
    wanted = preferences.of(run.document.owner).recipe_in_downloads

    def notes(digest: str) -> bytes:
        recipe = exporting.recipe_of(run.document, run.operation, digest)
        return marking.xmp_packet(recipe, include_recipe=wanted)

    path = folder / "film.webp"
    try:
        timelapse.write(run.document, run.operation, path, notes, on_progress)
    except timelapse.TooLong:
        raise Failed(
            _("This document has too many steps for a time-lapse. Flatten it and go on in the new one.")
        ) from None
    return Made(path)


def keep(run: Run, made: Made) -> Asset:
    """Store a file of a document for a day. Call it outside of a transaction."""
    kept = assets.keep(run.document, made.path, Asset.Role.FILE, suffix=FORMATS[run.format].suffix)
    Asset.objects.filter(pk=kept.pk).update(created_at=timezone.now())
    return kept


def discard_older(kept: Asset) -> None:
    """Let go of the files of the same kind that were made of the document before: one of each is enough."""
    suffix = kept.key.rpartition(".")[2]
    same = Asset.objects.filter(document=kept.document_id, role=Asset.Role.FILE, key__endswith=f".{suffix}")
    assets.discard(same.exclude(pk=kept.pk))


def sweep() -> None:
    """Let go of files that were made more than a day ago. Called by the beat."""
    over = Asset.objects.filter(role=Asset.Role.FILE, created_at__lt=timezone.now() - runs.KEPT)
    ids = list(over.order_by("pk").values_list("pk", flat=True)[:100])
    if ids:
        with transaction.atomic():
            assets.discard(Asset.objects.filter(pk__in=ids))


def filename(document: Document, form: str) -> str:
    """Return the name under which a file is saved."""
    words = slugify(document.title, allow_unicode=True)[:_LONGEST_NAME].strip("-")
    return f"{words or 'picture'}.{FORMATS[form].suffix}"


def _note_of_texts(run: Run, state: Replayed) -> str:
    """Say that texts and shapes are pixels there."""
    if not any(layer.is_drawn for layer in walk(state.layers)):
        return ""
    if run.format == "psd" and any(layer.text is not None for layer in walk(state.layers)):
        return _("Texts and shapes are pixels there; the words of texts are in the file's notes.")
    return _("Texts and shapes are pixels there.")


def _note(drawn: list[str]) -> str:
    if not drawn:
        return ""
    named = ", ".join(name[:24] for name in drawn[:_MOST_NAMED])
    if len(drawn) > _MOST_NAMED:
        named = _("%(names)s and %(more)s more") % {"names": named, "more": len(drawn) - _MOST_NAMED}
    return _("Drawn into pixels, since this format has nothing the same: %(names)s.") % {"names": named}
