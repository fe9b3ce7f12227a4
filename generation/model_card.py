"""The card of the bundled model: docs/model-card.md is its one text, the pictures beside it are static files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString
from PIL import Image

from image2.lib import markdown

# As settings.STATICFILES_DIRS names it.
FOLDER: Final = "bundled-model"


def render() -> SafeString:
    text = (_docs() / "model-card.md").read_text("utf-8")
    return markdown.render(text, picture_of=_picture)


def _picture(source: str) -> dict[str, str] | None:
    """Only what lies in the folder is served; its size is known, so that nothing jumps when it arrives."""
    folder, _, name = source.partition("/")
    path = _docs() / FOLDER / name
    if folder != FOLDER or "/" in name or not path.is_file():
        return None
    with Image.open(path) as picture:
        width, height = picture.size
    address = static(f"{FOLDER}/{name}")
    return {
        "src": address,
        "width": str(width),
        "height": str(height),
        "loading": "lazy",
        "decoding": "async",
    }


def _docs() -> Path:
    return Path(settings.BASE_DIR) / "docs"
