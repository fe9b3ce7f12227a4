"""Pictures of the landing page: made by the product itself, listed with their words in static/landing/pictures.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the gallery: file under static/, the words it was made from, its pixels."""

    file: str
    prompt: str
    width: int
    height: int


@cache
def pictures() -> tuple[Shown, ...]:
    """Return what the list names; nothing when there is no list, and the page is then without a gallery."""
    listed = finders.find("landing/pictures.json")
    if not isinstance(listed, str):
        return ()
    return tuple(Shown(**picture) for picture in json.loads(Path(listed).read_text("utf-8")))
