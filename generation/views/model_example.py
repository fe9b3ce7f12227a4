"""/models/…/example/…: the picture that a model of the operator drew for its card on /create/."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from generation import examples
from generation.files import serving
from generation.models import ModelExample
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.PERSON)
def example(request: HttpRequest, model: str, version: str) -> HttpResponse:
    """The address changes with each drawing (`version`), so a browser may keep it."""
    row = get_object_or_404(ModelExample, pk=model)
    if examples.version(row) != version:
        raise Http404
    headers = {"Cache-Control": serving.FOR_EVER, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(row.image), content_type="image/webp", headers=headers)
