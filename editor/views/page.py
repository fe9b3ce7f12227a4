"""The page of a document."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.callers import PersonRequest
from accounts.people import preferences
from editor import static_kernels
from editor.generating import offering
from editor.models import Asset, Document, Operation
from image2.lib.http.access import Caller, allow


@require_safe
@ensure_csrf_cookie
@allow(Caller.PERSON)
def document(request: PersonRequest, document_id: UUID) -> HttpResponse:
    mine = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    small = mine.assets.filter(role=Asset.Role.THUMBNAIL).order_by("-pk").values_list("sha256", flat=True)
    first = Operation.objects.filter(document=mine, seq=1).values_list("body", flat=True).first() or {}
    before = Document.objects.visible_to(request.user).filter(flattened_into=mine).first()
    context = {
        "document": mine,
        "thumbnail": small.first(),
        # What the first operation stands on: the page fetches it beside the log that names it.
        "picture": first.get("asset", ""),
        "kernels": json.dumps(static_kernels.addresses()),
        "flattened_from": before,
        "generative": offering.names(mine),
        "preferred": preferences.of(request.user),
    }
    response = render(request, "editor/document.html", context)
    response["Cache-Control"] = "no-store"
    return response
