"""The row of styles for another model, and the example pictures that the operator's models drew."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from generation.requests import catalogue
from generation.styles import examples, presets
from generation.views.creating.composer import Composer
from generation.views.creating.forms import CreateForm
from image2.lib.http.access import Caller, allow


@require_POST
@allow(Caller.PERSON)
def styles(request: PersonRequest) -> HttpResponse:
    """What the chosen model can follow. By POST, as the form is: the prompt is in it."""
    composer = Composer(user=request.user, form=CreateForm(initial=request.POST.dict()))
    return render(request, "generation/_styles.html", {"composer": composer})


@require_safe
@cache_control(private=True, max_age=24 * 3600)
@allow(Caller.PERSON)
def example(request: HttpRequest, model: str, key: str, version: int) -> HttpResponseBase:
    """A picture of the operator's folder: only of a style that is on, in its present version, and of a known model."""
    preset = presets.find(key)
    known = {entry.id for entry in catalogue.enabled()}
    path = examples.own(preset, model=model) if preset and model in known else None
    if preset is None or path is None or preset.style.version != version:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/webp")
