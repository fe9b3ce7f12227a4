"""The person's pictures to start from: a list beside the form of /create/, a page of its own without script."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.callers import PersonRequest
from generation.jobs import refusals
from generation.models import Picture
from generation.pictures import history
from generation.views.creating import chosen, prefill
from generation.views.creating.composer import REFERENCE_CHANGED, Composer
from generation.views.creating.forms import CreateForm, default_model
from generation.views.paging import cursor, next_page, search_words, searching
from generation.views.tiles import tiles
from image2.lib.http.access import Caller, allow

SHOWN: Final = 24
# What the open form says about its references, and how long each may be.
_OF_THE_FORM: Final = {"reference": chosen.LONGEST, "strength": 8, "model": 100, "use": 8}


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def pictures(request: PersonRequest) -> HttpResponse:
    search = search_words(request)
    after = cursor(request)
    with searching(request, search):
        page = history.newest(user=request.user, after=after, words=search, size=SHOWN)
    context = {
        "tiles": tiles(page.pictures),
        "next": next_page("generation:reference-pictures", page.after, {"q": search}),
        "search": search,
        "is_front": after is None,
        "in_dialog": bool(request.htmx),
    }
    if not request.htmx:
        return render(request, "generation/picker.html", context)
    return render(request, f"generation/_picker_{'more' if after else 'results'}.html", context)


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def choose(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    """Choose this picture as the reference: in the open form, or back in the form that the list was opened from."""
    mine = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    reference = f"picture:{mine.pk}"
    if not request.htmx:
        query = urlencode({prefill.DRAFT: "1", "reference": reference})
        return redirect(f"{reverse('generation:create')}?{query}")
    typed = {name: request.GET.get(name, "")[:length] for name, length in _OF_THE_FORM.items()}
    model, refusal = chosen.entry_of(typed["model"] or default_model()), ""
    try:
        typed["reference"] = chosen.with_another(typed["reference"], reference, model)
    except chosen.NoRoom as full:
        refusal = str(full)
    composer = Composer(user=request.user, form=CreateForm(initial=typed))
    if composer.is_reference_gone and not refusal:
        refusal = refusals.reference_gone(len(chosen.names_in(typed["reference"])))
    context = {"composer": composer, "refusal": refusal}
    answer = render(request, "generation/_reference.html", context, status=422 if refusal else 200)
    answer["HX-Trigger"] = REFERENCE_CHANGED
    return answer
