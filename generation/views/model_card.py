"""/models/bundled/: what the model that comes with the project knows, how it was trained, and where its limits are."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from generation import model_card
from generation.bundled import vocabulary
from image2.lib.access import Caller, allow

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
        "card": model_card.render(),
        "words": words,
        "suggestions": list(enumerate(vocabulary.SUGGESTIONS)),
    }
    return render(request, "generation/model_card.html", context)


def _first(table: dict[str, tuple[str, ...]]) -> list[str]:
    return [phrases[0].format("yellow") for phrases in table.values()]
