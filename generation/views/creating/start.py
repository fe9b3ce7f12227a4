"""The prompt box of the front page: its words wait in the session while a new person signs up."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from generation.views.creating import prefill
from image2.lib.http.access import Caller, allow


@require_POST
@allow(Caller.ANYONE)
def start(request: HttpRequest) -> HttpResponse:
    """By POST, so that no prompt is written into a log of addresses."""
    if words := request.POST.get("prompt", "").strip():
        prefill.start_with(request, words)
    create = reverse("generation:create")
    if request.user.is_authenticated:
        return redirect(create)
    return redirect(f"{reverse('account_signup')}?{urlencode({'next': create})}")
