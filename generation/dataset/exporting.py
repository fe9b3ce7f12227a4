"""Bring a data set up to date: first what may no longer be in it is removed, then what is new is added.

May be killed at any time and run again. Memory doesn't grow with the number of pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, TypeVar, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.staff import audit
from generation import fair_shares
from generation.dataset import choosing, readme
from generation.dataset.folder import LINES, MANIFEST, README, REMOVED, VERSION, Folder
from generation.files import masters, storing
from generation.models import File
from generation.png import NotAPng
from generation.requests import licences, recipe

log = structlog.get_logger(__name__)

# How many of the pictures that are left out are named; all are counted.
_NAMED: Final = 1000
Item = TypeVar("Item")


class WrongBytes(Exception):
    """Storage returned something else than was stored."""


@dataclass(slots=True)
class Result:
    """What a run did."""

    pictures: int = 0
    added: int = 0
    bytes: int = 0
    removed: int = 0
    # Pictures whose file is lost or damaged in storage: how many, and the first of them.
    left_out: int = 0
    named: list[str] = field(default_factory=list)


def export(*, actor: User, reason: str, path: Path) -> Result:
    """Bring the data set in `path` up to date, and write to the audit log who did it, before and after.

    Raises folder.NotAFolderOfOurs, audit.ReasonMissing, and storing.StorageError when storage doesn't answer: then what
    is there is whole, and another run goes on.
    """
    if not reason.strip():
        raise audit.ReasonMissing
    folder, result = Folder(path), Result()
    with folder.opened():
        audit.record(actor=actor, action="training.export_begun", on=actor, reason=f"{reason} → {path}")
        _remove(folder, result)
        folder.write(README, lambda target: target.write(readme.text().encode()))
        folder.write_lines(LINES, _add(folder, result))
        # What was withdrawn while files were copied.
        _remove(folder, result)
        _finish(folder, result, actor)
        audit.record(
            actor=actor,
            action="training.exported",
            on=actor,
            reason=f"{reason} → {path}: {result.pictures} pictures, {result.added} new, {result.removed} removed",
        )
    log.info("training.exported", pictures=result.pictures, added=result.added, removed=result.removed)
    return result


def _remove(folder: Folder, result: Result) -> None:
    """Remove every picture that may no longer be used, its line first, then its file."""
    folder.write_lines(LINES, _kept_lines(folder))
    for some in _in_batches(folder.pictures()):
        wanted = choosing.still_wanted([pk for pk, _path in some])
        unwanted = [(pk, file) for pk, file in some if pk not in wanted]
        if not unwanted:
            continue
        # Said before it's done: after a kill in between the file goes with the next run, and is said once more.
        _say_removed(folder, [pk for pk, _path in unwanted])
        for _pk, file in unwanted:
            file.unlink(missing_ok=True)
        result.removed += len(unwanted)


def _kept_lines(folder: Folder) -> Iterator[dict[str, Any]]:
    for some in _in_batches(folder.read_lines(LINES)):
        wanted = choosing.still_wanted([UUID(line["id"]) for line in some])
        yield from (line for line in some if UUID(line["id"]) in wanted)


def _say_removed(folder: Folder, ids: Iterable[UUID]) -> None:
    day = timezone.now().date().isoformat()
    before = folder.read_lines(REMOVED)
    new = [{"id": str(pk), "removed_on": day} for pk in ids]

    def lines() -> Iterator[dict[str, Any]]:
        yield from before
        yield from new

    folder.write_lines(REMOVED, lines())


def _add(folder: Folder, result: Result) -> Iterator[dict[str, Any]]:
    """Yield a line for each picture, after its file is there."""
    for some in choosing.files():
        for found in some:
            assert found.picture is not None
            try:
                # An old one holds its recipe, with the ids of what it was made from.
                file = masters.plain(found)
                name = folder.name_of(found.picture.pk, file.format)
                if not folder.has(name, file.bytes):
                    folder.write(name, partial(_copy, file))
                    result.added += 1
            except (storing.ObjectMissing, NotAPng, WrongBytes, fair_shares.OverShare):
                log.exception("training.file_left_out", file=found.pk)
                result.left_out += 1
                result.named += [str(found.picture_id)] if len(result.named) < _NAMED else []
                continue
            yield _line(file, name)


def _copy(file: File, target: IO[bytes]) -> None:
    """Copy the file, comparing its hash with the one from when it was stored."""
    hashing = _Hashing(target)
    storing.copy(file.key, cast(IO[bytes], hashing))
    if hashing.digest.hexdigest() != file.sha256:
        raise WrongBytes(file.key)


class _Hashing:
    def __init__(self, target: IO[bytes]) -> None:
        self._target, self.digest = target, hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        return self._target.write(piece)


def _line(file: File, name: str) -> dict[str, Any]:
    """What the data set says about a picture: how it was made. Nothing says whose it is or when exactly it was made."""
    picture = file.picture
    assert picture is not None
    return {
        "id": str(picture.pk),
        "file": name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "width": file.width,
        "height": file.height,
        "prompt": picture.prompt,
        "model": picture.model,
        "model_licence": licences.of_model(picture.model).name,
        "seed": picture.seed,
        "made_in": f"{picture.created_at:%Y-%m}",
        "recipe": recipe.for_file(picture.recipe),
    }


def _finish(folder: Folder, result: Result, actor: User) -> None:
    """Write what is in the data set now, with the hash of the list, which has the hash of every picture."""
    digest = hashlib.sha256()
    with (folder.path / LINES).open("rb") as lines:
        while piece := lines.read(1 << 18):
            digest.update(piece)
    result.pictures = result.bytes = 0
    for line in folder.read_lines(LINES):
        result.pictures += 1
        result.bytes += line["bytes"]
    folder.write_json(
        MANIFEST,
        {
            "version": VERSION,
            "site": settings.SITE_URL,
            "exported_at": timezone.now().isoformat(timespec="seconds"),
            "exported_by": str(actor.pk),
            "pictures": result.pictures,
            "bytes": result.bytes,
            "list": {"file": LINES, "sha256": digest.hexdigest()},
            "removed": {
                "file": REMOVED,
                "in_all": sum(1 for _line in folder.read_lines(REMOVED)),
                "by_this_run": result.removed,
            },
            "left_out": {"in_all": result.left_out, "first": result.named},
        },
    )


def _in_batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, choosing.BATCH)):
        yield some
