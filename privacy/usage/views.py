"""/privacy/usage/: what was recorded about the person, day by day, with the switch and its deletion."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import usage
from accounts.callers import PersonRequest
from accounts.people import preferences
from accounts.usage import days, privacy_control
from image2.lib.http.access import Caller, allow
from privacy.usage import words

DAYS_A_PAGE: Final = 14


@allow(Caller.PERSON)
@require_safe
def page(request: PersonRequest) -> HttpResponse:
    found = Paginator(days.days_of(request.user), DAYS_A_PAGE).get_page(request.GET.get("page"))
    recorded = days.recorded_on(request.user, list(found))
    why = usage.why_not(request.user, request)
    context = {
        "days": [words.day(day, recorded[day]) for day in found],
        "page": found,
        "is_on": preferences.of(request.user).usage_data,
        "why": why.value if why else "",
        "by_signal": privacy_control.switched_off(request.user),
        "browser_sends_privacy_control": usage.sends_privacy_control(request),
        "days_kept": settings.USAGE_EVENT_DAYS,
    }
    return render(request, "privacy/usage/usage.html", context)


@allow(Caller.PERSON)
@require_POST
def switch(request: PersonRequest) -> HttpResponse:
    """Turn recording on or off: the same switch as in the settings."""
    is_on = request.POST.get("usage_data") == "on"
    preferences.change(user=request.user, request=request, changes={"usage_data": is_on})
    messages.success(
        request,
        _("Usage data is on.")
        if is_on
        else _("Usage data is off. What was recorded before is still listed."),
    )
    return redirect("privacy:usage")


@allow(Caller.PERSON)
@require_POST
def delete(request: PersonRequest) -> HttpResponse:
    """Delete a day, or everything. What is gone already is no error."""
    day = None
    if "day" in request.POST:
        try:
            day = date.fromisoformat(request.POST["day"])
        except ValueError:
            messages.error(request, _("There is no such day. Choose one from the list."))
            return redirect("privacy:usage")
    count = days.delete(request.user, day)
    said = ngettext("%(n)d entry was deleted.", "%(n)d entries were deleted.", count) % {"n": count}
    messages.success(request, said if count else _("There was nothing left to delete."))
    return redirect("privacy:usage")
