"""/privacy/rights/, the restriction of an account, and the report of a picture."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.callers import PersonRequest
from accounts.people import preferences, restriction
from accounts.sign_in import client_ip
from image2.lib.http import rate_limits
from image2.lib.http.access import Caller, allow
from privacy.policy import versions
from privacy.rights import catalogue, reporting


@allow(Caller.ANYONE)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(
        request, "privacy/rights/rights.html", {"rights": catalogue.RIGHTS, "operator": versions.operator()}
    )


@allow(Caller.PERSON)
@require_safe
def restriction_page(request: PersonRequest) -> HttpResponse:
    return render(
        request, "privacy/rights/restriction.html", {"since": preferences.of(request.user).restricted_at}
    )


@allow(Caller.PERSON)
@require_POST
def restrict(request: PersonRequest) -> HttpResponse:
    restriction.begin(user=request.user, request=request)
    messages.success(request, _("Your account is restricted."))
    return redirect("privacy:restriction")


@allow(Caller.PERSON)
@require_POST
def lift(request: PersonRequest) -> HttpResponse:
    restriction.lift(user=request.user, request=request)
    messages.success(request, _("The restriction is lifted."))
    return redirect("privacy:restriction")


@allow(Caller.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report about a picture, also of somebody without an account."""
    start = {
        "where": request.GET.get("where", "")[:1000],
        "name": getattr(request.user, "name", ""),
        "email": getattr(request.user, "email", ""),
    }
    form = reporting.ReportForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        if rate_limits.allowed("report", client_ip.of(request), limit=10, seconds=3600):
            reporting.send(user=request.user, report=form.cleaned_data)
            messages.success(
                request, _("Thank you. A person will look at it, and write to you what we decided.")
            )
            return redirect("privacy:report")
        form.add_error(
            None, _("Ten reports came from your network within an hour. Wait a while, then send this one.")
        )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "privacy/rights/report.html", {"form": form}, status=status)
