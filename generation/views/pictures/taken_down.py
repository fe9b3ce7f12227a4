"""/pictures/taken-down/: decisions of staff about this person's pictures, why, and how to appeal."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.callers import PersonRequest
from generation.models import TakeDown
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.PERSON)
def decisions(request: PersonRequest) -> HttpResponse:
    context = {
        "decisions": TakeDown.objects.visible_to(request.user).order_by("-taken_at"),
        "days": settings.TAKE_DOWN_DAYS,
    }
    return render(request, "generation/taken_down.html", context)
