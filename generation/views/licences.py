"""/licences/: what people may do with pictures, by the model that drew them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generation.requests import catalogue, licences
from generation.styles import adapters
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.ANYONE)
def licences_page(request: HttpRequest) -> HttpResponse:
    models = [(entry.id, entry.label, licences.of_entry(entry)) for entry in catalogue.enabled()]
    context = {"models": models, "by_hand": licences.BY_HAND, "loras": adapters.entries()}
    return render(request, "generation/licences.html", context)
