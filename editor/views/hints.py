"""The switch for hints, on the page that shows them; the settings of the account have it too."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.callers import PersonRequest
from accounts.people import preferences
from image2.lib.http.access import Caller, allow


@require_POST
@allow(Caller.PERSON)
def hints(request: PersonRequest) -> HttpResponse:
    """Turn hints on where `hints` is "on", else off. It can be sent twice."""
    on = request.POST.get("hints") == "on"
    preferences.change(user=request.user, request=request, changes={"hints": on})
    return HttpResponse(status=204)
