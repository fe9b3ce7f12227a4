"""/create/prompt/: fuller prompts and rewrites for the open form. The page without script asks /create/ instead."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.callers import PersonRequest
from generation.views.creating import helping
from image2.lib.http.access import Caller, allow


@require_POST
@allow(Caller.PERSON)
def helped(request: PersonRequest) -> HttpResponse:
    """By POST, so that no prompt is written into a log of addresses."""
    found = helping.help_with(request.POST.copy(), user=request.user)
    return render(request, "generation/prompts/_offers.html", {"help": found}, status=found.status)
