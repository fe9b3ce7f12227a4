"""Pictures of the front page: made by the product itself, by bin/gallery, from static/landing/pictures.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from generation.requests.sizes import Size, output_size

FOLDER = Path("landing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture of the front page: all that is needed to make it again with the same model."""

    prompt: str
    shape: str
    seed: int

    @property
    def file(self) -> str:
        """Path under static/."""
        name = "-".join(
            "".join(letter if letter.isalnum() else " " for letter in self.prompt.lower()).split()
        )
        return str(FOLDER / f"{name}-{self.seed}.webp")

    @property
    def size(self) -> Size:
        return output_size(self.shape, "1k")


def listed() -> tuple[Shown, ...]:
    """Return what the list names, drawn or not."""
    listing = _static() / FOLDER / "pictures.json"
    if not listing.exists():
        return ()
    return tuple(Shown(**picture) for picture in json.loads(listing.read_text("utf-8")))


@cache
def pictures() -> tuple[Shown, ...]:
    """Return what has been drawn; without any, the front page has no gallery."""
    return tuple(picture for picture in listed() if (_static() / picture.file).exists())


def _static() -> Path:
    return settings.BASE_DIR / "static"
