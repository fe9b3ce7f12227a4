"""/models/bundled/: what the bundled model knows, how it was trained, and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from PIL import Image

from generation.bundled import vocabulary
from image2.lib import markdown
from image2.lib.http.access import Caller, allow

# The folder of docs/ that holds the card's pictures, as settings.STATICFILES_DIRS names it.
FOLDER: Final = "bundled-model"
# A heading and the table of the vocabulary under it; of each entry the first phrase, which is the one shown to people.
TABLES: Final[tuple[tuple[str | Promise, dict[str, tuple[str, ...]]], ...]] = (
    (_("Colours"), vocabulary.COLOURS),
    (_("How many"), {str(count): names for count, names in vocabulary.COUNTS.items()}),
    (_("Where"), vocabulary.SETTINGS),
    (_("When"), vocabulary.TIMES),
    (_("Weather"), vocabulary.WEATHERS),
    (_("In the sky"), vocabulary.SKY),
    (_("At which side"), vocabulary.PLACES),
)


@require_safe
@allow(Caller.ANYONE)
def bundled(request: HttpRequest) -> HttpResponse:
    things = [singular[0] for singular, _plural in vocabulary.OBJECTS.values()]
    words = [(_("Things"), things), *((title, _first(table)) for title, table in TABLES)]
    context = {
        "card": _card(),
        "words": words,
        "suggestions": list(enumerate(vocabulary.SUGGESTIONS)),
    }
    return render(request, "generation/model_card.html", context)


def _first(table: dict[str, tuple[str, ...]]) -> list[str]:
    return [phrases[0].format("yellow") for phrases in table.values()]


def _card() -> SafeString:
    """Render docs/model-card.md, which is the card's one text."""
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
