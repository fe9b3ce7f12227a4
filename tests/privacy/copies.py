"""Copies of people's data in tests: made to the end by a worker's turns, and read as their owner reads them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from accounts.models import User
from generation.files import storing
from privacy.export import making, queue
from privacy.models import Export


def make(person: User) -> Export:
    """Order a copy and give it turns until it has ended."""
    export = Export.objects.create(user=person)
    # A database whose clock counts milliseconds may take a new one only in the next.
    begun = Export.objects.filter(pk=export.pk, fence__gt=0)
    while making.work() or not begun.exists():
        pass
    export.refresh_from_db()
    return export


def archives(export: Export) -> Iterator[zipfile.ZipFile]:
    """Open each part as an object of storage; every file in it is checked."""
    for part in export.parts.order_by("number"):
        with storing.opened(part.key) as file:
            content = file.read()
        assert len(content) == part.bytes
        archive = zipfile.ZipFile(io.BytesIO(content))
        assert archive.testzip() is None
        assert len(archive.namelist()) == part.files
        yield archive


def files(export: Export) -> dict[str, bytes]:
    """Return every file of every part by its path. The manifests say the truth about each."""
    found: dict[str, bytes] = {}
    said: dict[str, tuple[int, str]] = {}
    for archive in archives(export):
        for name in archive.namelist():
            assert name not in found
            found[name] = archive.read(name)
            if name.startswith("manifest"):
                listed = json.loads(found[name])["files"]
                said |= {each["path"]: (each["bytes"], each["sha256"]) for each in listed}
    expected = {path for path in found if not path.startswith("manifest")}
    assert set(said) == expected
    for path in expected:
        assert said[path] == (len(found[path]), hashlib.sha256(found[path]).hexdigest()), path
    return found


def lists(export: Export) -> dict[str, list[dict[str, Any]]]:
    """Return the lists by name, those cut into several files put together."""
    together: dict[str, list[dict[str, Any]]] = {}
    for path, content in files(export).items():
        if path.startswith("data/"):
            name = path.removeprefix("data/").removesuffix(".json").partition("-")[0]
            together.setdefault(name, []).extend(json.loads(content))
    return together


def left_out(export: Export) -> list[dict[str, str]]:
    """Return what the manifests say is not there."""
    return [
        each
        for path, content in files(export).items()
        if path.startswith("manifest")
        for each in json.loads(content)["left_out"]
    ]


__all__ = ["archives", "files", "left_out", "lists", "make", "queue"]
