"""The fonts that texts are drawn with: the list of them, and the operator's files."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from editor.fonts import catalogue
from editor.static_kernels import FontFinder
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.PERSON)
def fonts(_request: HttpRequest) -> HttpResponseBase:
    """Families, and where each file is."""
    response = JsonResponse({**catalogue.as_json(), "addresses": addresses()})
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
@allow(Caller.PERSON)
def own_font(_request: HttpRequest, font: str) -> HttpResponseBase:
    """A file of the operator's, which its id names by its content."""
    path = catalogue.own().get(font)
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="font/sfnt")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def addresses() -> dict[str, str]:
    """Return where a browser finds each font by its id, and what shapes and draws them by its file's name."""
    found = FontFinder.addresses()
    return {
        **{name.rpartition(".")[0]: url for name, url in found.items() if name.endswith(catalogue.ENDINGS)},
        **{name: url for name, url in found.items() if name.endswith(".wasm")},
        **{font: reverse("editor:own-font", args=[font]) for font in catalogue.own()},
    }
